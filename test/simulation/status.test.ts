/** What an application says of itself, over a model of Kafka. */
import { expect, test } from 'vitest';
import { numberSerde, StreamsBuilder, type Topic } from '#streams';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { overriding } from './overriding.ts';
import { QuietCluster } from './quiet-cluster.ts';

const left: Topic<number> = { name: 'left', value: numberSerde, eventTime: (at) => at };
const right: Topic<number> = { ...left, name: 'right' };
const sums: Topic<number> = { ...left, name: 'sums' };

function merging() {
  const builder = new StreamsBuilder('merging');
  builder
    .stream(left)
    .merge(builder.stream(right))
    .process<number, number>('remember', {
      store: builder.store('latest', numberSerde),
      timer: (at) => at + 3_600_000,
      onRecord({ value }, _was, context) {
        context.put(value);
        context.forward(value);
      },
      onTimer: (_key, _at, _state, context) => context.put(null),
    })
    .to(sums);
  return builder.build();
}

test('an input that can not be read: what it holds back, where it is stuck, and that it goes on', async () => {
  const cluster = new QuietCluster({ left: 1, right: 1, sums: 1 });
  const write = (topic: Topic<number>, count: number) => {
    for (let i = 0; i < count; i++)
      cluster.write(topic.name, `${topic.name}-${i}`, numberSerde.encode(cluster.now));
  };
  let isDamaged = false;
  const { app } = cluster.start(merging(), {
    kafkaOf: (kafka) =>
      overriding(kafka, {
        async fetch(leader, positions, maxWaitMs) {
          const answers = await kafka.fetch(leader, positions, maxWaitMs);
          return answers.map((answer) => {
            if (answer.topic !== 'right' || !isDamaged) return answer;
            const error = new KafkaError('CORRUPT_MESSAGE', 'wrong checksum');
            return { ...answer, error, records: [], nextOffset: 2 };
          });
        },
      }),
  });
  write(left, 3);
  write(right, 2);
  await cluster.until('the sums', () => cluster.committed('sums').length === 5);
  const written = cluster.now;
  isDamaged = true;
  write(left, 4);
  write(right, 1);
  await cluster.pass(20_000);

  const [task] = app.tasks();
  expect(task).toMatchObject({ task: '0_0', heldBackBy: 'right-0', processed: 9, timers: 6 });
  expect(task!.watermarkDelayMs).toBeGreaterThan(19_000);
  expect(task!.watermark).toBeLessThan(written + 1000);
  expect(task!.inputs).toMatchObject([
    { topic: 'left', position: 7, lag: 0, buffered: 0 },
    { topic: 'right', position: 2, lag: 1, buffered: 0 },
  ]);
  const { streams } = app.health();
  expect(streams!.status).toBe('DOWN');
  expect(streams!.details!['unreadable']).toMatchObject([
    { topic: 'right', partition: 0, offset: 2, type: 'CORRUPT_MESSAGE' },
  ]);

  isDamaged = false;
  await cluster.until('the sums', () => cluster.committed('sums').length === 10);
  await cluster.pass(500);
  expect(app.tasks()[0]!.inputs).toMatchObject([{ lag: 0 }, { lag: 0 }]);
  expect(app.tasks()[0]!.watermarkDelayMs).toBeLessThan(1000);
  expect(app.health()['streams']!.status).toBe('UP');
  await cluster.done(app.close());
});

test('what it has done: fetches, records, commits', async () => {
  const cluster = new QuietCluster({ left: 1, right: 1, sums: 1 });
  const { app } = cluster.start(merging());
  for (let i = 0; i < 10; i++) cluster.write('left', `${i}`, numberSerde.encode(cluster.now));
  await cluster.until('the sums', () => cluster.committed('sums').length === 10);
  await cluster.pass(1000);
  const { threads, tasks, state, failedThreads } = await app.status();
  expect({ state, failedThreads }).toEqual({ state: 'RUNNING', failedThreads: 0 });
  expect(threads).toHaveLength(1);
  expect(threads[0]!.pollRecords).toBe(10);
  expect(threads[0]!.polls).toBeGreaterThan(2);
  expect(threads[0]!.pollMs).toBeGreaterThan(100);
  expect(tasks[0]).toMatchObject({ processed: 10, caughtUp: true });
  expect(tasks[0]!.commits).toBeGreaterThan(0);
  expect(tasks[0]!.commitMs).toBeGreaterThan(0);
  expect(tasks[0]!.stateBytes).toBeGreaterThan(100);
  await cluster.done(app.close());
  expect((await app.status()).threads).toEqual([]);
});
