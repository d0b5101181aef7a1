import type { QueryCluster } from '../../query/query-router.ts';
import type { QueryRequest, TaskAnswer } from '../../query/store-query.ts';
import type { ComponentHealth } from '../kafka-streams.ts';
import type { ThreadIdentity } from '../settings.ts';
import type { StreamsState } from '../state.ts';
import type { StreamsStatus } from '../status.ts';

/** What a worker is started with. */
export interface WorkerStart {
  /** The module whose default export makes the application, as a URL. */
  readonly entry: string;
  readonly data: unknown;
  readonly identity: ThreadIdentity;
}

/** What a worker can be asked, and what it answers. */
export interface Answers {
  readonly health: Readonly<Record<string, ComponentHealth>>;
  readonly status: StreamsStatus;
  readonly query: TaskAnswer;
}

/** To a worker. */
export type ToWorker =
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly what: keyof Answers;
      /** Of a query. */
      readonly request: QueryRequest | undefined;
    }
  /** What it waits for before it makes the application. */
  | { readonly type: 'start' }
  | { readonly type: 'close' };

/** From a worker. */
export type FromWorker =
  | { readonly type: 'state'; readonly state: StreamsState; readonly error: Error | undefined }
  | { readonly type: 'assignment'; readonly cluster: QueryCluster }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly type: 'refusal'; readonly id: number; readonly error: Error };
