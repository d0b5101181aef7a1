import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyMigrations, dropTables, openDatabase, type Database } from '#kit';
import { topics, type AccountEvent } from '#schemas';
import { accountMigrations, mysqlAccounts } from '../../services/account/mysql-repository.ts';
import { repositorySuite } from '../../services/account/testing/repository-suite.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { ownDatabase, type OwnDatabase } from '../support/own-database.ts';
import { ServiceProcess } from '../support/service-process.ts';

const PASSWORD = 'a battery that nobody knows';

let server: OwnDatabase;
let url: string;
let database: Database;
beforeAll(async () => {
  server = await ownDatabase();
  ({ url } = server);
  database = openDatabase({ url, connections: 10 });
});
afterAll(async () => {
  await database.close();
  await server[Symbol.asyncDispose]();
});

repositorySuite('in a database', async () => {
  await dropTables(url, accountMigrations, ['credentials']);
  await applyMigrations(url, accountMigrations);
  return mysqlAccounts(database);
});

test('sign-ups at two instances: one account for an e-mail, its changes in Kafka, no password', async () => {
  await using kafka = await TestKafka.open(6);
  await dropTables(url, accountMigrations, ['credentials']);
  await using one = await ServiceProcess.start({ ...kafka.env, MYSQL_URL: url }, 'account');
  await using other = await ServiceProcess.start({ ...kafka.env, MYSQL_URL: url }, 'account');
  await Promise.all([up(one), up(other)]);

  const email = `${kafka.name}@example.jp`;
  const body = { email, password: PASSWORD, displayName: 'Hana' };
  const headers = { 'correlation-id': `req-${kafka.name}` };
  const signUps = Array.from({ length: 50 }, (_, i) =>
    ask(i % 2 === 0 ? one : other, 'POST', '/accounts', body, headers),
  );
  const answers = await Promise.all(signUps);
  expect(answers.map(({ status }) => status).sort()).toEqual([
    201,
    ...Array.from({ length: 49 }, () => 409),
  ]);
  const created = answers.find(({ status }) => status === 201)!;
  const { accountId } = (await created.json()) as { accountId: string };

  const eventsOf = async () => (await kafka.readValues(topics.accountEvent)).filter(of(accountId));
  const registered = await eventually('the sign-up to be in Kafka', async () => {
    const found = await eventsOf();
    return found.length > 0 && found;
  });
  expect(registered[0]).toMatchObject({ type: 'REGISTERED', version: 1, email });

  const verified = await ask(other, 'POST', '/accounts/verify', { email, password: PASSWORD });
  expect(verified.status).toBe(200);
  await ask(other, 'PATCH', `/accounts/${accountId}`, { displayName: 'Hanako' });
  await ask(one, 'DELETE', `/accounts/${accountId}`);
  // Both may publish one state, and one of them late: the highest version is what holds.
  const latest = await eventually('the account to be closed in Kafka', async () =>
    (await eventsOf()).find(({ version }) => version === 3),
  );
  expect(latest).toMatchObject({ type: 'CLOSED', email: `${accountId}@closed.invalid` });

  const records = await kafka.readAll(topics.accountEvent.name);
  const ours = records.filter(({ key }) => key?.toString() === accountId);
  expect(ours[0]?.headers['correlation-id']?.toString()).toBe(headers['correlation-id']);
  for (const { value } of ours) expect(value!.includes(PASSWORD)).toBe(false);
  for (const { log } of [one, other]) expect(log).not.toMatch(/argon2id|that nobody knows/);
  expect(await one.end('SIGTERM')).toBe(0);
  expect(await other.end('SIGTERM')).toBe(0);
});

test('Kafka away: sign-ups are taken, health says what waits, and who comes next publishes it', async () => {
  await using kafka = await TestKafka.open(6);
  const away = { ...kafka.env, MYSQL_URL: url, KAFKA_BROKERS: '127.0.0.1:1' };
  await using cutOff = await ServiceProcess.start(away, 'account');
  const body = { email: `${kafka.name}@example.jp`, password: PASSWORD, displayName: 'Taro' };
  const created = await eventually('accounts to be open', async () => {
    const answer = await ask(cutOff, 'POST', '/accounts', body).catch(() => undefined);
    if (answer?.status === 503) expect(answer.headers.get('retry-after')).not.toBeNull();
    return answer?.status === 201 && answer;
  });
  const { accountId } = (await created.json()) as { accountId: string };
  expect((await cutOff.health())?.components['kafka']).toMatchObject({
    status: 'DOWN',
    details: { waiting: expect.any(Number) as number },
  });
  const ready = await fetch(`http://${cutOff.address}/actuator/health/readiness`);
  expect(ready.status).toBe(200);
  expect(await cutOff.metrics()).toMatch(/^account_outbox_backlog [1-9]/m);
  await cutOff.end('SIGKILL');

  const back = { ...kafka.env, MYSQL_URL: url, DEMO_ACCOUNTS: 'on' };
  await using next = await ServiceProcess.start(back, 'account');
  await eventually('the sign-up to be in Kafka', async () =>
    (await kafka.readValues(topics.accountEvent)).some(of(accountId)),
  );
  const ops = { email: 'ops@example.jp', password: 'correct horse battery' };
  const operator = await ask(next, 'POST', '/accounts/verify', ops);
  expect(await operator.json()).toMatchObject({ roles: ['shopper', 'operator'] });
  expect(await next.end('SIGTERM')).toBe(0);
});

function of(accountId: string): (event: AccountEvent) => boolean {
  return (event) => event.accountId === accountId;
}

function up(service: ServiceProcess): Promise<true> {
  return eventually('the service to be up', async () => (await service.health())?.status === 'UP');
}

function ask(
  service: ServiceProcess,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`http://${service.address}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
