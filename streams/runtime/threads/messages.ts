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

/** What a worker can be asked. */
export interface Questions {
  readonly health: Readonly<Record<string, ComponentHealth>>;
  readonly status: StreamsStatus;
}

/** To a worker. */
export type ToWorker =
  | { readonly type: 'ask'; readonly id: number; readonly what: keyof Questions }
  | { readonly type: 'close' };

/** From a worker. */
export type FromWorker =
  | { readonly type: 'state'; readonly state: StreamsState; readonly error: Error | undefined }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Questions[keyof Questions] }
  | { readonly type: 'refusal'; readonly id: number; readonly error: Error };
