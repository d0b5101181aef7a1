import { afterEach, beforeEach, expect, test } from 'vitest';
import { topics, type PaymentCommand, type PaymentEvent } from '#schemas';
import { eventually, TestKafka, type TestRecord } from '../support/kafka.ts';
import { freePort, ServiceProcess } from '../support/service-process.ts';
import { makeShopTopics } from '../support/shop-events.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

const AMOUNT = 500;

let kafka: TestKafka;
let state: TemporaryFolder;
let sandboxPort: number;
let sandboxUrl: string;
let running: ServiceProcess[];

beforeEach(async () => {
  kafka = await TestKafka.open(6);
  state = await temporaryFolder();
  sandboxPort = await freePort();
  sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
  running = [];
  await makeShopTopics(kafka);
});
afterEach(async () => {
  // So that it leaves its group: the next test would wait for the session to end.
  await Promise.all(running.map((service) => service.end('SIGTERM')));
  await kafka[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

test('each command has its answer: created, queried, paid, refunded, cancelled; what the provider says is observed', async () => {
  await startSandbox();
  await startPayment();
  const [paid, open, late, none] = ['paid', 'open', 'late', 'none'].map(orderOf) as [
    string,
    string,
    string,
    string,
  ];
  await send([paid, open, late].map((orderNo) => command('CREATE', orderNo)));
  const created = await answers([paid, open, late].map((orderNo) => `CREATE ${orderNo}`));
  for (const { type, merchantPaymentId, orderNo, codeId, url, expiresAt } of created.values()) {
    expect([type, merchantPaymentId]).toEqual(['CREATED', orderNo]);
    expect([codeId, url, expiresAt]).toEqual([
      expect.any(String),
      expect.stringMatching(/^http/),
      expect.any(Number),
    ]);
  }
  await pay(paid);
  await pay(late);
  const codeOf = (orderNo: string) => created.get(`CREATE ${orderNo}`)!.codeId;
  await send([
    command('QUERY', paid, { source: 'POLLING' }),
    command('REFUND', paid, { amount: AMOUNT }),
    command('QUERY', none, { source: 'POLLING' }),
    command('CANCEL', open, { codeId: codeOf(open) }),
    command('CANCEL', late, { codeId: codeOf(late) }),
    command('REFUND', open, { amount: AMOUNT }),
    command('CREATE', none, { amount: null }),
  ]);
  const asked = [`QUERY ${paid}`, `REFUND ${paid}`, `QUERY ${none}`, `CANCEL ${open}`];
  const more = [`CANCEL ${late}`, `REFUND ${open}`, `CREATE ${none}`];
  const answered = await answers([...asked, ...more]);
  const said = (id: string) => {
    const { type, status } = answered.get(id)!;
    return [type, status];
  };
  expect(said(`QUERY ${paid}`)).toEqual(['QUERIED', 'COMPLETED']);
  expect(answered.get(`QUERY ${paid}`)!.paidAt).toEqual(expect.any(Number));
  expect(said(`REFUND ${paid}`)).toEqual(['REFUNDED', 'REFUNDED']);
  expect(said(`QUERY ${none}`)).toEqual(['QUERIED', null]);
  expect(said(`CANCEL ${open}`)[0]).toBe('CANCELLED');
  expect(said(`CANCEL ${late}`)).toEqual(['ALREADY_PAID', 'COMPLETED']);
  expect(said(`REFUND ${open}`)[0]).toBe('REFUND_FAILED');
  expect(said(`CREATE ${none}`)[0]).toBe('CREATE_FAILED');

  const observed = await kafka.readValues(kafka.topics.paymentStatusObserved);
  const seen = (orderNo: string) =>
    observed.filter((each) => each.orderNo === orderNo).map(({ status }) => status);
  expect(new Set(seen(paid))).toEqual(new Set(['COMPLETED', 'REFUNDED']));
  expect(seen(late)).toContain('COMPLETED');
  expect(await provided(open)).toMatchObject({
    status: expect.not.stringMatching('COMPLETED') as string,
  });
});

test('killed in the midst of 200 commands: each has an answer, and what was answered last can be paid', async () => {
  await startSandbox();
  // Slow enough for some to be under way when it is killed.
  const first = await startPayment({ PAYMENT_CONCURRENCY: '2' });
  const orders = Array.from({ length: 200 }, (_, i) => orderOf(`k${i}`));
  await faults('default', { api: { slowMs: 200, after: true } });
  await send(orders.map((orderNo) => command('CREATE', orderNo)));
  await eventually('some answers', async () => (await eventsOfTest()).length > 20);
  await first.end('SIGKILL');
  expect((await eventsOfTest()).length).toBeLessThan(orders.length);
  await startPayment();
  await answers(orders.map((orderNo) => `CREATE ${orderNo}`));

  const { payments } = (await control('GET', 'payments?limit=1000')) as {
    payments: { merchantPaymentId: string }[];
  };
  const attemptsOf = (orderNo: string) =>
    payments
      .map(({ merchantPaymentId }) => merchantPaymentId)
      .filter((id) => id === orderNo || id.startsWith(`${orderNo}-r`));
  const told = Map.groupBy(await eventsOfTest(), ({ commandId }) => commandId);
  for (const orderNo of orders) {
    const own = told.get(`CREATE ${orderNo}`)!;
    expect(new Set(own.map((event) => event.orderNo))).toEqual(new Set([orderNo]));
    for (const { type } of own) expect(type).toBe('CREATED');
    // Of two codes the later one is told of last: the saga goes on with it.
    const last = own.at(-1)!;
    const attempts = attemptsOf(orderNo).sort();
    expect(attempts.length).toBeLessThanOrEqual(2);
    expect(last.merchantPaymentId).toBe(attempts.at(-1));
    expect(await provided(last.merchantPaymentId)).toMatchObject({
      status: 'CREATED',
      codeId: last.codeId,
    });
  }
  // The kill has come while calls were under way.
  expect(payments.some(({ merchantPaymentId }) => merchantPaymentId.endsWith('-r2'))).toBe(true);
  // A crash repeats what was under way, and not everything.
  expect([...told.values()].flat().length).toBeLessThan(2 * orders.length);
}, 120_000);

test('the provider away for a while: health says so, and commands are carried out when it is back', async () => {
  const before = await startSandbox();
  const payment = await startPayment();
  const orders = Array.from({ length: 40 }, (_, i) => orderOf(`d${i}`));
  await send(orders.slice(0, 10).map((orderNo) => command('CREATE', orderNo)));
  await answers(orders.slice(0, 10).map((orderNo) => `CREATE ${orderNo}`));
  await before.end('SIGKILL');
  await send(orders.slice(10).map((orderNo) => command('CREATE', orderNo)));
  await send(orders.slice(0, 5).map((orderNo) => command('CANCEL', orderNo)));
  await eventually('it to say that the provider is away', async () => {
    return (await payment.health())?.components['paypay']?.status === 'DOWN';
  });
  expect(await eventsOfTest()).toHaveLength(10);
  await startSandbox();
  const all = await answers([
    ...orders.map((orderNo) => `CREATE ${orderNo}`),
    ...orders.slice(0, 5).map((orderNo) => `CANCEL ${orderNo}`),
  ]);
  for (const [id, { type }] of all)
    expect(type, id).toBe(/^CREATE/.test(id) ? 'CREATED' : 'CANCELLED');
  await eventually('it to be UP', async () => (await payment.health())?.status === 'UP');
  expect(await kafka.readAll('payment-dead-letter')).toEqual([]);
}, 120_000);

test('one slow order does not hold up the others, and its own commands stay in their order', async () => {
  await startSandbox();
  await startPayment({ PAYPAY_TIMEOUT_MS: '2000' });
  const slow = orderOf('slow');
  const others = Array.from({ length: 50 }, (_, i) => orderOf(`s${i}`));
  // However often it is tried, only the end of the fault lets it go on.
  await faults(`orders/${slow}`, { api: { slowMs: 86_400_000, path: 'create' } });
  await send([
    command('CREATE', slow),
    command('QUERY', slow, { source: 'POLLING' }),
    ...others.map((orderNo) => command('CREATE', orderNo)),
  ]);
  await answers(others.map((orderNo) => `CREATE ${orderNo}`));
  expect((await eventsOfTest()).filter(({ orderNo }) => orderNo === slow)).toEqual([]);
  await faults(`orders/${slow}`, {});
  await answers([`CREATE ${slow}`, `QUERY ${slow}`]);
  const own = (await eventsOfTest()).filter(({ orderNo }) => orderNo === slow);
  expect(own.map(({ type }) => type)).toEqual(['CREATED', 'QUERIED']);
});

function orderOf(suffix: string): string {
  return `${kafka.name}-${suffix}`;
}

function command(
  type: 'CREATE' | 'QUERY' | 'CANCEL' | 'REFUND',
  orderNo: string,
  more: Partial<PaymentCommand> = {},
): PaymentCommand {
  return {
    commandId: `${type} ${orderNo}`,
    orderNo,
    type,
    merchantPaymentId: orderNo,
    codeId: null,
    amount: type === 'CREATE' ? AMOUNT : null,
    source: 'UNKNOWN',
    reason: null,
    requestedAt: Date.now(),
    ...more,
  };
}

async function send(commands: readonly PaymentCommand[]): Promise<void> {
  const topic = topics.paymentCommand;
  await kafka.write(commands.map((value): TestRecord => ({ topic, key: value.orderNo, value })));
}

async function eventsOfTest(): Promise<PaymentEvent[]> {
  const all = await kafka.readValues(topics.paymentEvent);
  return all.filter(({ orderNo }) => orderNo.startsWith(`${kafka.name}-`));
}

/** The first answer to each of these commands, once all of them have one. */
function answers(commandIds: readonly string[]): Promise<Map<string, PaymentEvent>> {
  return eventually(
    'every command to be answered',
    async () => {
      const found = new Map<string, PaymentEvent>();
      for (const event of (await eventsOfTest()).reverse()) found.set(event.commandId, event);
      return commandIds.every((id) => found.has(id)) && found;
    },
    { everyMs: 200 },
  );
}

async function startSandbox(): Promise<ServiceProcess> {
  return await start('paypay-sandbox', { HTTP_PORT: String(sandboxPort) });
}

async function startPayment(more: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  return await start('payment', { PAYPAY_URL: sandboxUrl, ...more });
}

async function start(name: string, more: Readonly<Record<string, string>>) {
  const env = { ...kafka.env, STATE_DIR: `${state.path}/${name}`, ...more };
  const service = await ServiceProcess.start(env, name);
  running.push(service);
  await eventually(`${name} to be up`, async () => {
    if (service.hasEnded) throw new Error(service.log);
    return (await service.health())?.status === 'UP';
  });
  return service;
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${sandboxUrl}/sandbox/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

function faults(scope: string, set: object): Promise<unknown> {
  return control('PUT', `faults/${scope}`, set);
}

function pay(merchantPaymentId: string): Promise<unknown> {
  return control('POST', `payments/${merchantPaymentId}/pay`);
}

/** A payment as the provider has it. */
function provided(merchantPaymentId: string): Promise<unknown> {
  return control('GET', `payments/${merchantPaymentId}`);
}
