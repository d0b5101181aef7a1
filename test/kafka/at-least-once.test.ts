import { expect, test } from 'vitest';
import { KafkaJsKafka } from '#streams/runtime/kafka/kafkajs-kafka';
import type { Member } from '#streams/runtime/kafka/kafka';
import { eventually, TestKafka } from '../support/kafka.ts';
import { committedOutcome, inputRecords, undisturbedOutcome } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

test('without transactions, kill -9 in the middle of the records loses no alert and makes none up', async () => {
  await using kafka = await TestKafka.open();
  await using state = await temporaryFolder();
  const records = [...traffic(4000, 45)];
  const expected = undisturbedOutcome(records, kafka.topics);
  await kafka.write(inputRecords(records, kafka.topics));
  const env = {
    ...kafka.env,
    STATE_DIR: state.path,
    COMMIT_INTERVAL_MS: '1',
    PROCESSING_GUARANTEE: 'at_least_once',
  };
  let kills = 0;
  for (const share of [0.1, 0.5]) {
    await using service = await ServiceProcess.start(env);
    await eventually(`${share} of the records to be committed`, async () => {
      if (service.hasEnded) throw new Error(service.log);
      const { committed, end } = await kafka.progress();
      return committed >= share * end;
    });
    await service.end('SIGKILL');
    const { committed, end } = await kafka.progress();
    if (committed < end) kills++;
  }
  expect(kills).toBeGreaterThan(0);

  await using service = await ServiceProcess.start(env);
  const unique = async () => {
    const { alerts, resolved } = await committedOutcome(kafka);
    return { alerts: [...new Set(alerts)], resolved: [...new Set(resolved)] };
  };
  await eventually('everything to be processed', async () => {
    if (service.hasEnded) throw new Error(service.log);
    const { committed, end } = await kafka.progress();
    const found = await unique();
    const all = expected.alerts.length + expected.resolved.length;
    return committed === end && found.alerts.length + found.resolved.length >= all;
  });
  expect(await service.end('SIGTERM')).toBe(0);
  expect(await unique()).toEqual(expected);
});

test('the broker shuts out a former owner: its writes behind the first of the new one, and its offsets', async () => {
  await using kafka = await TestKafka.open(1);
  const port = new KafkaJsKafka({ brokers: kafka.env['KAFKA_BROKERS']!.split(',') });
  try {
    await port.refresh();
    const topic = kafka.topics.alertRaised.name;
    const at = { topic, partition: 0 };
    const write = async (
      producer: Awaited<ReturnType<typeof port.initProducerId>>,
      text: string,
    ) => {
      const record = { topic, key: null, value: Buffer.from(text), headers: {} };
      const sequence = sequences.get(producer) ?? 0;
      sequences.set(producer, sequence + 1);
      const batch = { ...at, records: [record], baseSequence: sequence, timestamp: Date.now() };
      const [outcome] = await port.produce(producer, await port.leader(at), [batch]);
      return typeof outcome === 'number' ? outcome : outcome!.type;
    };
    const sequences = new Map<object, number>();
    const former = await port.initProducerId(`${kafka.name}-0_0`, 10_000);
    expect(await write(former, 'former')).toBe(0);
    const owner = await port.initProducerId(`${kafka.name}-0_0`, 10_000);
    expect(await write(former, 'late')).toBe(1);
    expect(await write(owner, 'owner')).toBe(2);
    expect(await write(former, 'too late')).toBe('INVALID_PRODUCER_EPOCH');
    expect(await write(owner, 'still owner')).toBe(3);
    // Outside of transactions there is no marker, and nothing holds readers back.
    const read = await kafka.readAll(topic);
    expect(read.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [0, 'former'],
      [1, 'late'],
      [2, 'owner'],
      [3, 'still owner'],
    ]);

    const join = async (instanceId: string, memberId = ''): Promise<Member> => {
      const groupId = `${kafka.name}-group`;
      const joined = await port.joinGroup({
        ...{ groupId, instanceId, memberId },
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        protocol: 'test',
        metadata: Buffer.alloc(0),
      });
      const member = { groupId, instanceId, ...joined };
      await port.syncGroup(member, new Map());
      return member;
    };
    const first = await join('a');
    const offset = { ...at, offset: 3, metadata: 'm' };
    await port.commitOffsets(first, [offset]);
    expect(await port.committedOffsets(first.groupId, [at])).toEqual([
      { offset: 3, metadata: 'm' },
    ]);
    // The same instance, started again: a new member in its place.
    const second = await join('a');
    const late = port.commitOffsets(first, [{ ...offset, offset: 1 }]);
    await expect(late).rejects.toMatchObject({ type: 'UNKNOWN_MEMBER_ID' });
    const older = { ...second, generation: second.generation - 1 };
    const stale = port.commitOffsets(older, [{ ...offset, offset: 1 }]);
    await expect(stale).rejects.toMatchObject({ type: 'ILLEGAL_GENERATION' });
    await port.commitOffsets(second, [{ ...offset, offset: 4 }]);
    expect(await port.committedOffsets(first.groupId, [at])).toEqual([
      { offset: 4, metadata: 'm' },
    ]);
  } finally {
    await port.close();
  }
});
