import { expect, test } from 'vitest';
import { deadLetterTopic } from '../../streams/graph/topology.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const T = Date.parse('2024-02-01T12:00:00.000Z');

test('what can not be read goes to the dead-letter topic with reason and origin, and stops nothing', async () => {
  await using kafka = await TestKafka.open(1);
  await using state = await temporaryFolder();
  const { paymentStatusObserved: payments, orderStatusChanged: orders } = kafka.topics;
  const payment = { orderNo: 'ORD-1', status: 'COMPLETED', eventId: 'evt-1', occurredAt: T };
  const order = { orderNo: 'ORD-1', status: 'PENDING', updatedAt: T } as const;
  const nulls = { paymentStatus: null, paymentExpiresAt: null, reason: null };
  const encoded = (value: object) =>
    kafka.registry.serde(payments).encode({ ...payment, source: 'WEBHOOK', ...value });
  const unknownId = Buffer.concat([Buffer.from([0]), Buffer.from('7fffffff', 'hex'), encoded({})]);

  const bad: [
    why: RegExp,
    topic: typeof payments | typeof orders,
    key: string | null,
    value: unknown,
  ][] = [
    [/do not start with 0x00/, payments, 'ORD-1', Buffer.from('no avro')],
    [/2147483647/, payments, 'ORD-1', unknownId],
    [/end|cut|short|trunc/i, payments, 'ORD-1', encoded({}).subarray(0, 12)],
    [/key is missing/, payments, null, encoded({})],
    [/value is null/, payments, 'ORD-1', null],
    [/event time -5/, payments, 'ORD-1', encoded({ occurredAt: -5 })],
    [/event time 17067888000000000?/, payments, 'ORD-1', encoded({ occurredAt: T * 1000 })],
    [/'ORD-2'/, payments, 'ORD-2', encoded({})],
    [/eventId/, payments, 'ORD-1', encoded({ eventId: '' })],
    [/paymentExpiresAt/, orders, 'ORD-1', { ...order, ...nulls, paymentExpiresAt: -1 }],
  ];
  await kafka.write(bad.map(([, topic, key, value]) => ({ topic: topic as never, key, value })));
  await kafka.write([
    { topic: orders, key: 'ORD-1', value: { ...order, ...nulls } },
    { topic: payments, key: 'ORD-1', value: { ...payment, source: 'WEBHOOK' } },
  ]);

  await using service = await ServiceProcess.start({ ...kafka.env, STATE_DIR: state.path });
  const letters = deadLetterTopic(kafka.name);
  await eventually('the alert and the dead letters', async () => {
    if (service.hasEnded) throw new Error(service.log);
    const alerts = await kafka.readAll(kafka.topics.alertRaised.name);
    return alerts.length === 1 && (await kafka.readAll(letters)).length >= bad.length;
  });

  const found = await kafka.readAll(letters);
  expect(found).toHaveLength(bad.length);
  const offsets = new Map<string, number>();
  for (const [why, topic, key, value] of bad) {
    const offset = offsets.get(topic.name) ?? 0;
    offsets.set(topic.name, offset + 1);
    const header = (record: (typeof found)[number], name: string) =>
      String(record.headers[`__streams.errors.${name}`]);
    const letter = found.find(
      (r) => header(r, 'topic') === topic.name && header(r, 'offset') === String(offset),
    )!;
    expect(header(letter, 'message')).toMatch(why);
    expect(header(letter, 'partition')).toBe('0');
    const [origin] = (await kafka.readAll(topic.name)).filter((r) => r.offset === offset);
    expect(letter.value).toEqual(value === null ? null : origin!.value);
    expect(letter.key?.toString()).toBe(key ?? undefined);
  }
  const counted = (topic: string, count: number) =>
    `kafka_streams_task_dead_letter_records_total{task="0_0",kind="deserialize",node="${topic}-source"} ${count}\n`;
  const metrics = await service.metrics();
  expect(metrics).toContain(counted(payments.name, bad.length - 1));
  expect(metrics).toContain(counted(orders.name, 1));
  expect((await service.health())?.status).toBe('UP');
  expect(await service.end('SIGTERM')).toBe(0);
});
