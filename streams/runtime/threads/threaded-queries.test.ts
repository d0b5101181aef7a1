/** Queries over real workers, in each of which a stand-in for the application answers. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { StreamsBuilder } from '../../dsl/streams-builder.ts';
import { jsonSerde, pingTopic } from '../../testing/topics.ts';
import { temporaryFolder } from '../../testing/backends.ts';
import { partitionFor } from '../kafka/partitioner.ts';
import type { QueryThread } from './testing/query-thread.ts';
import { ThreadedStreams } from './threaded-streams.ts';

const entry = new URL('./testing/query-thread.ts', import.meta.url);

function topology() {
  const builder = new StreamsBuilder('threads');
  builder.stream(pingTopic('pings')).process<string, never>('keep', {
    store: builder.store('acts', jsonSerde<string>()),
    onRecord: () => undefined,
  });
  return builder.build();
}

async function running(data: Partial<QueryThread>): Promise<ThreadedStreams> {
  const none = [[], []];
  const app = new ThreadedStreams({
    applicationId: 'app',
    stateDir: await temporaryFolder(),
    threads: 2,
    entry,
    data: { active: none, standby: none, broken: [], ...data },
    topology: topology(),
    applicationServer: 'here:1',
  });
  onTestFinished(() => app.close());
  const isRunning = new Promise((resolve) => {
    app.onState((state) => {
      if (state === 'RUNNING') resolve(undefined);
    });
  });
  app.start();
  await isRunning;
  return app;
}

/** A key of each task. */
const keys = Array.from({ length: 4 }, (_, partition) => {
  for (let i = 0; ; i++) if (partitionFor(Buffer.from(`k${i}`), 4) === partition) return `k${i}`;
});

const both = [
  ['0_0', '0_2'],
  ['0_1', '0_3'],
];

describe('threads of one process', () => {
  test('answer for each other, and for all that the process has', async () => {
    const app = await running({ active: both });
    for (const [partition, key] of keys.entries()) {
      const { value, origin } = await app.store<string>('acts').get(key);
      expect([value, origin.host]).toEqual([`thread ${(partition % 2) + 1}`, 'here:1']);
    }
    const query = { kind: 'get', store: 'acts', key: Buffer.from('k') } as const;
    const answer = await app.answerQuery({ task: '0_3', query, allowStale: false });
    expect(answer).toMatchObject({ status: 'answered', task: '0_3', isActive: true });
    const away = await app.answerQuery({ task: '0_9', query, allowStale: true });
    expect(away).toMatchObject({ status: 'not-available', reason: 'it does not run here' });
  });

  test('the owner answers before a standby, and a standby where there is no owner', async () => {
    const standby = [['0_1', '0_3'], []];
    const app = await running({ active: [['0_0', '0_2'], ['0_1']], standby });
    const store = app.store<string>('acts');
    const owner = await store.get(keys[1]!, { allowStale: true });
    expect([owner.value, owner.origin.isActive]).toEqual(['thread 2', true]);
    const stale = await store.get(keys[3]!, { allowStale: true });
    expect([stale.value, stale.origin.isActive]).toEqual(['thread 1', false]);
  });

  test('one that fails to answer costs its own tasks only', async () => {
    const app = await running({ active: both, broken: [2] });
    const store = app.store<string>('acts');
    expect((await store.get(keys[0]!)).value).toBe('thread 1');
    await expect(store.get(keys[1]!)).rejects.toThrow(/0_1 .*thread 2 is broken/);
  });
});

test('threads that do not run have no stores', async () => {
  const app = await running({ active: both });
  await app.close();
  await expect(app.store('acts').get('k')).rejects.toThrow(/the application is NOT_RUNNING/);
  const query = { kind: 'get', store: 'acts', key: Buffer.from('k') } as const;
  const answer = await app.answerQuery({ task: '0_0', query, allowStale: true });
  expect(answer.status).toBe('not-available');
});
