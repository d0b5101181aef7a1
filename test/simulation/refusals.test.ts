/** What a whole application does about records that the broker refuses, over a model of Kafka where nothing else goes wrong. */
import { expect, test } from 'vitest';
import { jsonSerde, RecordFailure, StreamsBuilder, type StreamsConfig, type Topic } from '#streams';
import { NO_LIMIT, type LogRecord } from './broker/partition-log.ts';
import { QuietCluster } from './quiet-cluster.ts';

const words: Topic<string> = { name: 'words', value: jsonSerde() };
const copies: Topic<string> = { ...words, name: 'copies' };
const isInvalid = ({ value }: LogRecord) => value!.toString().includes('bad');
const limitOf = (topic: string) => (topic === 'copies' ? { ...NO_LIMIT, isInvalid } : NO_LIMIT);

function topology() {
  const builder = new StreamsBuilder('copies');
  builder.stream(words).to(copies);
  return builder.build();
}

function start(config: Partial<StreamsConfig> = {}) {
  const cluster = new QuietCluster({ words: 1, copies: 1 }, limitOf);
  const { app } = cluster.start(topology(), config);
  const write = (word: string) => cluster.write('words', 'k', words.value.encode(word));
  const copied = () => cluster.committed('copies').map(({ value }) => words.value.decode(value!));
  return { cluster, app, write, copied, letters: () => cluster.committed('app-dead-letter') };
}

test.each(['exactly_once_v2', 'at_least_once'] as const)(
  'each of many is a dead letter at once: starting again is no failure that would make the next one wait, %s',
  async (processingGuarantee) => {
    // Whatever is done about tasks that fail is not done about records.
    const onUncaughtError = { 'task-corrupted': 'shutdown-client' } as const;
    const { cluster, app, write, copied, letters } = start({
      processingGuarantee,
      onUncaughtError,
    });
    await cluster.until('the application to run', () => app.state === 'RUNNING');
    const startedAt = cluster.now;
    for (let i = 1; i <= 20; i++) {
      write(`good ${i}`);
      write(`bad ${i}`);
      await cluster.until(`dead letter ${i}`, () => letters().length >= i);
    }
    expect(cluster.now - startedAt).toBeLessThan(10_000);
    const found = letters().map(({ headers }) => headers['__streams.errors.offset']);
    expect(found).toEqual(Array.from({ length: 20 }, (_, i) => String(2 * i + 1)));
    expect(new Set(copied())).toEqual(
      new Set(Array.from({ length: 20 }, (_, i) => `good ${i + 1}`)),
    );
    if (processingGuarantee === 'exactly_once_v2') expect(copied()).toHaveLength(20);
    const { state, failures, uncaughtErrors } = await cluster.done(app.status());
    expect([state, failures, uncaughtErrors.size]).toEqual(['RUNNING', [], 0]);
    await cluster.done(app.close());
  },
);

test('under the policy to stop the application ends before the record, which is not committed', async () => {
  const { cluster, app, write, copied, letters } = start({ onProductionError: 'stop' });
  write('good');
  write('bad');
  await cluster.until('the end', () => app.state === 'ERROR');
  expect(app.error).toBeInstanceOf(RecordFailure);
  expect(app.error).toMatchObject({
    kind: 'produce',
    node: 'copies-sink',
    topic: 'words',
    offset: 1,
  });
  expect([copied(), letters()]).toEqual([[], []]);
  const [progress] = cluster.broker.progress('app', ['words']);
  expect(progress!.committed).toBeLessThan(2);
  await cluster.done(app.close());
});

test('a commit at the end that is refused is done again by the next start', async () => {
  const { cluster, app, write, copied, letters } = start({ commitIntervalMs: 60_000 });
  await cluster.until('the application to run', () => app.state === 'RUNNING');
  write('bad');
  write('good');
  await cluster.done(app.close());
  const { app: next } = cluster.start(topology());
  await cluster.until('both', () => letters().length === 1 && copied().length === 1);
  await cluster.done(next.close());
});
