import { expect, test } from 'vitest';
import { topics, type OrderStatus } from '#schemas';
import { eventually, TestKafka } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ORDERS = 20;
const STOCK = 10;

test('orders go through saga and storage, each once, though both are killed on the way', async () => {
  await using kafka = await TestKafka.open(6);
  await using state = await temporaryFolder();
  const env = { ...kafka.env, STATE_DIR: state.path };
  const { orderStatusChanged, paymentStatusObserved } = kafka.topics;
  const at = Date.now();
  const orders = Array.from({ length: ORDERS }, (_, i) => `${kafka.name}-${i}`);
  const sku = `${kafka.name}-tea`;

  await using storage = await ServiceProcess.start(env, 'storage');
  await using order = await ServiceProcess.start(env, 'order');
  await up(storage);
  await up(order);
  await kafka.registry.register(topics.storageCommand);
  await kafka.registry.register(topics.orderCommand);
  await kafka.registry.register(topics.paymentEvent);
  await kafka.write([
    {
      topic: topics.storageCommand,
      key: sku,
      value: {
        commandId: 'delivery-1',
        sku,
        type: 'RESTOCK',
        orderNo: null,
        attempt: 1,
        quantity: STOCK,
        requestedAt: at,
      },
    },
    ...orders.map((orderNo) => ({
      topic: topics.orderCommand,
      key: orderNo,
      value: {
        commandId: `create-${orderNo}`,
        orderNo,
        type: 'CREATE',
        accountId: 'ann',
        lines: [{ sku, quantity: 1, unitPrice: 300 }],
        totalAmount: 300,
        requestedAt: at,
      },
    })),
  ]);
  await eventually('the first orders', async () => (await statuses()).size > 0);
  await storage.end('SIGKILL');
  await order.end('SIGKILL');

  await using storageAgain = await ServiceProcess.start(env, 'storage');
  await using orderAgain = await ServiceProcess.start(env, 'order');
  const requested = await eventually('the payments to be requested', async () => {
    const commands = await kafka.readValues(topics.paymentCommand);
    const created = commands.filter(
      ({ type, orderNo }) => type === 'CREATE' && orders.includes(orderNo),
    );
    return created.length >= STOCK && created;
  });
  const expiresAt = Date.now() + 300_000;
  await kafka.write([
    ...requested.map(({ commandId, orderNo, merchantPaymentId }) => ({
      topic: topics.paymentEvent,
      key: orderNo,
      value: {
        commandId,
        orderNo,
        type: 'CREATED',
        merchantPaymentId,
        status: 'CREATED',
        codeId: 'code',
        url: 'https://pay.example',
        expiresAt,
        paidAt: null,
        reason: null,
        occurredAt: Date.now(),
      },
    })),
    ...requested.map(({ orderNo }) => ({
      topic: paymentStatusObserved,
      key: orderNo,
      value: {
        orderNo,
        status: 'COMPLETED',
        eventId: `${orderNo}:COMPLETED`,
        occurredAt: Date.now(),
        source: 'WEBHOOK',
      },
    })),
  ]);
  await orderAgain.end('SIGKILL');
  await using last = await ServiceProcess.start(env, 'order');
  await eventually('every order to end', async () => {
    const ended = [...(await statuses()).values()].filter((history) =>
      ['PAID', 'FAILED'].includes(history.at(-1)!),
    );
    return ended.length === ORDERS;
  });
  const histories = [...(await statuses()).values()].map((history) => history.join(' ')).sort();
  expect(histories).toEqual([
    ...Array.from({ length: ORDERS - STOCK }, () => 'PENDING FAILED'),
    ...Array.from({ length: STOCK }, () => 'PENDING WAITING_PAYMENT PAID'),
  ]);
  const levels = await eventually('the stock to be sold', async () => {
    const events = (await kafka.readValues(topics.storageEvent)).filter((e) => e.sku === sku);
    const latest = events.reduce((a, b) => (b.version >= a.version ? b : a));
    return latest.sold === STOCK && latest;
  });
  expect(levels).toMatchObject({ available: 0, reserved: 0, sold: STOCK });
  expect(await last.end('SIGTERM')).toBe(0);
  expect(await storageAgain.end('SIGTERM')).toBe(0);

  async function statuses(): Promise<ReadonlyMap<string, OrderStatus[]>> {
    const found = new Map<string, OrderStatus[]>();
    for (const { orderNo, status } of await kafka.readValues(orderStatusChanged))
      // Other tests of the suite have placed orders, too.
      if (orders.includes(orderNo)) found.set(orderNo, [...(found.get(orderNo) ?? []), status]);
    return found;
  }
});

function up(service: ServiceProcess): Promise<true> {
  return eventually('the service to be up', async () => (await service.health())?.status === 'UP');
}
