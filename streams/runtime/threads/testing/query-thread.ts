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
  let onState: StateListener = () => undefined;
  const app: Pick<KafkaStreams, 'onState' | 'onAssignment' | 'start' | 'close' | 'answerQuery'> & {
    readonly error: undefined;
  } = {
    error: undefined,
    onState: (listener) => {
      onState = listener;
    },
    onAssignment: (listener) => {
      const hosts = new Map([['here:1', { active: active.flat(), standby: [] }]]);
      listener({ taskCounts: [4], hosts, isPartial: false });
    },
    start: () => {
      onState('RUNNING', 'REBALANCING');
    },
    close: () => Promise.resolve(),
    answerQuery: (request) =>
      new Promise((resolve) => {
        if (broken.includes(thread)) throw new Error(`thread ${thread} is broken`);
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
