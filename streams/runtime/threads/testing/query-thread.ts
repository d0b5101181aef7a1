/** A thread that only answers: it has the tasks of its number, and says so in each answer. */
import type { QueryRequest, TaskAnswer } from '../../../query/store-query.ts';
import type { KafkaStreams, StateListener } from '../../kafka-streams.ts';
import type { ThreadIdentity } from '../../settings.ts';

export interface QueryThread {
  /** By thread, from 1 on. */
  readonly active: readonly (readonly string[])[];
  readonly standby: readonly (readonly string[])[];
  /** Those that fail to answer. */
  readonly broken: readonly number[];
}

export default function queryThread(
  { active, standby, broken }: QueryThread,
  { identity: { thread } }: { readonly identity: ThreadIdentity },
): KafkaStreams {
  const own = active[thread - 1]!;
  const replicas = standby[thread - 1]!;
  const refuseWhenBroken = () => {
    if (broken.includes(thread)) throw new Error(`thread ${thread} is broken`);
  };
  let listener: StateListener = () => undefined;
  const app: Pick<
    KafkaStreams,
    'state' | 'onState' | 'start' | 'close' | 'metadata' | 'answerQuery'
  > & { readonly error: undefined } = {
    state: 'RUNNING',
    error: undefined,
    onState: (each) => {
      listener = each;
    },
    start: () => {
      listener('RUNNING', 'REBALANCING');
    },
    close: () => Promise.resolve(),
    metadata: () =>
      new Promise((resolve) => {
        refuseWhenBroken();
        // The second thread has not been assigned anything yet.
        const hosts = new Map([['here:1', { active: active.flat(), standby: [] }]]);
        resolve(thread === 2 ? undefined : { taskCounts: [4], hosts, isPartial: false });
      }),
    answerQuery: (request) =>
      new Promise((resolve) => {
        refuseWhenBroken();
        resolve(answerOf(request));
      }),
  };
  return app as KafkaStreams;

  function answerOf({ task, query, allowStale }: QueryRequest): TaskAnswer {
    const isActive = own.includes(task);
    if (!isActive && !(allowStale && replicas.includes(task)))
      return { status: 'not-available', task, reason: 'it does not run here' };
    const key = query.kind === 'get' ? query.key : query.from;
    const value = Buffer.from(JSON.stringify(`thread ${thread}`));
    const freshness = { isActive, position: 1, lag: 0, asOf: 0, watermark: null };
    return { status: 'answered', task, ...freshness, entries: [[key, value]], isLast: true };
  }
}
