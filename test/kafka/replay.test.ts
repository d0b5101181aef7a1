import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { renamed, type AlertRaised, type AvroTopic } from '#schemas';
import { main } from '../../services/kafka-alert/cli/main.ts';
import { fakeIo, type FakeIo } from '../../services/kafka-alert/cli/testing/fake-io.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { inputRecords } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

const HOUR_MS = 3_600_000;

test('a range of the topics is replayed beside the service, and compared with what it has published', async () => {
  await using kafka = await TestKafka.open(2);
  await using state = await temporaryFolder();
  const io = (given: Record<string, string> = {}) =>
    fakeIo({ env: { ...kafka.env, ...given }, now: Date.now });
  const run = async (args: string[], outside: FakeIo = io()) => {
    const code = await main(args, outside);
    const { out, err } = outside.written;
    return { code, err, lines: out.split('\n').filter((line) => line !== '') };
  };
  const idsOf = (lines: readonly string[]) =>
    lines.map((line) => (JSON.parse(line) as AlertRaised).alertId).sort();

  // Two days of it, all published now; the service reads what is behind, as a replay does.
  const start = Date.now() - 60 * HOUR_MS;
  const records = inputRecords([...traffic(150, 23, { start, speed: 1 })], kafka.topics);
  await kafka.write(records);
  const service = await ServiceProcess.start({ ...kafka.env, STATE_DIR: state.path });
  await eventually('everything to be committed', async () => {
    const { committed, end } = await kafka.progress();
    return committed === end && (await service.tasks()).length === 2;
  });
  await service.end('SIGTERM');
  const published = await kafka.readValues(kafka.topics.alertRaised);
  expect(published.length).toBeGreaterThan(10);

  const before = {
    topics: (await kafka.admin.listTopics()).sort(),
    progress: await kafka.progress(),
    groups: (await kafka.admin.listGroups()).groups.map(({ groupId }) => groupId).sort(),
    temporary: left(),
  };
  const all = await run(['replay', '--from', 'earliest', '--to', 'latest']);
  expect(all).toMatchObject({ code: 0, err: '' });
  expect(idsOf(all.lines)).toEqual(published.map(({ alertId }) => alertId).sort());
  const same = await run(['diff', '--from', 'earliest', '--to', 'latest']);
  expect(same).toEqual({
    code: 0,
    lines: [],
    err: `${String(published.length)} the same, 0 missing, 0 extra, 0 different\n`,
  });

  // From one alert to another, in the middle.
  const times = published.map(({ detectedAt }) => detectedAt).sort((x, y) => x - y);
  const from = times[Math.floor(times.length / 4)]!;
  const to = times[Math.floor((3 * times.length) / 4)]!;
  const some = published.filter(({ detectedAt }) => from <= detectedAt && detectedAt <= to);
  const range = ['--from', new Date(from).toISOString(), '--to', String(to)];
  const middle = await run(['replay', ...range, '--progress']);
  expect(idsOf(middle.lines)).toEqual(some.map(({ alertId }) => alertId).sort());
  expect(middle.err).toMatch(/^warming up from .*, 7 d before the range \(--warm-up\)\n/);
  expect(middle.err).toMatch(/100% \d+ of \d+ offsets, \d+\/s, in \S+ s\n$/);
  expect((await run(['diff', ...range])).code).toBe(0);

  // Another version of the rules: it is said what would change.
  const other = await run(['diff', '--from', 'earliest', '--to', 'latest', '--grace-ms', '60000']);
  expect(other.code).toBe(1);
  const kinds = other.lines.map((line) => (JSON.parse(line) as { difference: string }).difference);
  expect(kinds).toContain('different');
  const different = kinds.filter((kind) => kind === 'different').length;
  expect(other.err).toContain(`, ${String(different)} different
`);

  // Nothing has been left behind, at the broker or here.
  expect({
    topics: (await kafka.admin.listTopics()).sort(),
    progress: await kafka.progress(),
    groups: (await kafka.admin.listGroups()).groups.map(({ groupId }) => groupId).sort(),
    temporary: left(),
  }).toEqual(before);
  expect(await kafka.readValues(kafka.topics.alertRaised)).toHaveLength(published.length);

  const copy = `${kafka.name}-copy`;
  const publish = ['replay', ...range, '--publish', copy];
  expect(await run(publish)).toMatchObject({
    code: 2,
    err: `kafka-alert: --publish: there is no topic "${copy}": create it first\n`,
  });
  await kafka.makeTopics([{ name: copy, partitions: 2 }]);
  expect((await run(publish)).err).toContain(
    `${String(some.length)} alert(s) detected in the range`,
  );
  const copied = await kafka.readValues(renamed(kafka.topics.alertRaised, copy));
  expect(copied.map(({ alertId }) => alertId).sort()).toEqual(idsOf(middle.lines));

  const interrupted = io();
  const running = run(
    ['replay', '--from', 'earliest', '--to', 'latest', '--publish', copy],
    interrupted,
  );
  setImmediate(() => {
    interrupted.interrupt();
  });
  expect(await running).toMatchObject({ code: 130, lines: [] });
  expect(left()).toEqual(before.temporary);
  expect(await kafka.readValues(renamed(kafka.topics.alertRaised, copy))).toHaveLength(
    copied.length,
  );

  expect(await run(['replay', ...range], io({ ORDER_TOPIC: 'no-such' }))).toMatchObject({
    ...{ code: 2, lines: [] },
    err: expect.stringMatching(
      /^kafka-alert: there is no topic no-such at .*ORDER_TOPIC/,
    ) as string,
  });
  await kafka.admin.deleteTopicRecords({
    topic: kafka.topics.paymentStatusObserved.name,
    partitions: [{ partition: 1, offset: '5' }],
  });
  expect(await run(['replay', ...range])).toMatchObject({
    ...{ code: 2, lines: [] },
    err: expect.stringMatching(
      /records of the range were deleted by retention: the first .*observed-1 was/,
    ) as string,
  });
});

test('of a service that was live, a replay gives the same', async () => {
  await using kafka = await TestKafka.open(2);
  await using state = await temporaryFolder();
  const env = {
    ...{ ...kafka.env, GRACE_MS: '1500', ALLOWED_LATENESS_MS: '1000' },
    STATE_DIR: state.path,
  };
  await using service = await ServiceProcess.start(env);
  await eventually('its tasks', async () => (await service.tasks()).length === 2);
  const begin = Date.now();

  const { orderStatusChanged, paymentStatusObserved } = kafka.topics;
  const order = (orderNo: string, status: string) => ({
    topic: orderStatusChanged as AvroTopic<unknown>,
    key: orderNo,
    value: {
      ...{ orderNo, status, updatedAt: Date.now() },
      ...{ paymentStatus: null, paymentExpiresAt: null, reason: null },
    },
  });
  const payment = (orderNo: string, eventId: string) => ({
    topic: paymentStatusObserved as AvroTopic<unknown>,
    key: orderNo,
    value: { orderNo, status: 'CAPTURED', eventId, occurredAt: Date.now(), source: 'WEBHOOK' },
  });
  // Of each rule one, and one that goes well, in one round; every round at its own time.
  for (let round = 0; round < 4; round++) {
    const [a, b, c, good] = ['A', 'B', 'C', 'GOOD'].map((name) => `ORD-${name}-${String(round)}`);
    await kafka.write([a, c, good].map((orderNo) => order(orderNo!, 'WAITING_PAYMENT')));
    await kafka.write([order(b!, 'PAID'), order(c!, 'FAILED')]);
    await kafka.write([a, c, good].map((orderNo) => payment(orderNo!, `evt-${orderNo!}`)));
    await kafka.write([order(good!, 'PAID')]);
    await delay(300);
  }
  const raised = () => kafka.readValues(kafka.topics.alertRaised);
  await eventually('the alerts', async () => (await raised()).length >= 12);
  await eventually('a grace, for those that must not come', () => Date.now() > begin + 6_000);
  expect(await raised()).toHaveLength(12);

  const io = fakeIo({ env, now: Date.now });
  expect(await main(['diff', '--from', String(begin), '--to', 'latest'], io)).toBe(0);
  expect(io.written.err).toContain('12 the same, 0 missing, 0 extra, 0 different');
});

function left(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('kafka-alert-replay-'));
}
