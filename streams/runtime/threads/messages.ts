import type { StreamsMetadata } from '../../query/query-router.ts';
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

/** What a worker can be asked: its application's methods, and what they answer. */
export interface Questions {
  readonly health: Readonly<Record<string, ComponentHealth>>;
  readonly status: StreamsStatus;
  readonly metadata: StreamsMetadata | undefined;
  readonly answerQuery: TaskAnswer;
}

export type Question =
  | { readonly what: Exclude<keyof Questions, 'answerQuery'> }
  | { readonly what: 'answerQuery'; readonly request: QueryRequest };

/** To a worker. */
export type ToWorker =
  ({ readonly type: 'ask'; readonly id: number } & Question) | { readonly type: 'close' };

/** From a worker. */
export type FromWorker =
  | { readonly type: 'state'; readonly state: StreamsState; readonly error: Error | undefined }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Questions[keyof Questions] }
  | { readonly type: 'refusal'; readonly id: number; readonly error: Error };
