import { StreamsException, TaskCorrupted, TaskMigrated, messageOf } from '../errors.ts';
import type { TaskId } from './assignor.ts';
import { KafkaError } from './kafka/kafka.ts';
import type { Logger } from './logger.ts';

/**
 * What went wrong, by what may help:
 *
 * - `transient`      a broker is away or moving, a changelog's start has moved: trying again
 * - `task-corrupted` a transaction failed, or its outcome is not known: starting the task from what is committed
 * - `task-migrated`  a task was fenced, by another owner or since its transaction took too long: asking the group whose it is
 * - `refused`        Kafka refuses it for good: rights, sizes
 * - `processing`     a `StreamsException`: the topology or its state says that going on could lose or double something
 * - `bug`            anything else: a fault in the code, or of the disk
 */
export type UncaughtErrorKind =
  'transient' | 'task-corrupted' | 'task-migrated' | 'refused' | 'processing' | 'bug';

/**
 * What is done about it (KIP-671), from the least to the most:
 *
 * - `restart-task`         the task starts again from its last commit; an error that is no task's replaces the thread
 * - `replace-thread`       all tasks of this instance do, with nothing left in memory
 * - `shutdown-client`      this instance ends in `ERROR`, others take its tasks
 * - `shutdown-application` every instance of the application ends in `ERROR`
 *
 * Tasks and threads that fail again wait longer each time, half a minute at most.
 */
export type UncaughtErrorAction =
  'restart-task' | 'replace-thread' | 'shutdown-client' | 'shutdown-application';

export interface UncaughtErrorContext {
  readonly kind: UncaughtErrorKind;
  /** The task that failed; undefined when it was no task's. */
  readonly task: TaskId | undefined;
}

/** As data, by kind, the defaults for those left out; or decided at each error. */
export type UncaughtErrorHandler =
  | Readonly<Partial<Record<UncaughtErrorKind, UncaughtErrorAction>>>
  | ((error: Error, context: UncaughtErrorContext) => UncaughtErrorAction);

export const DEFAULT_ACTIONS: Readonly<Record<UncaughtErrorKind, UncaughtErrorAction>> = {
  transient: 'restart-task',
  'task-corrupted': 'restart-task',
  'task-migrated': 'restart-task',
  refused: 'shutdown-client',
  processing: 'shutdown-client',
  bug: 'shutdown-client',
};

const MESSAGES: Readonly<Record<UncaughtErrorAction, string>> = {
  'restart-task': 'starting the task again from its last commit',
  'replace-thread': 'starting all tasks of this instance again from their last commits',
  'shutdown-client': 'ending this instance',
  'shutdown-application': 'ending all instances of the application',
};

export function kindOf(error: unknown): UncaughtErrorKind {
  if (error instanceof TaskMigrated) return 'task-migrated';
  if (error instanceof TaskCorrupted) return 'task-corrupted';
  if (error instanceof KafkaError) return isTransient(error) ? 'transient' : 'refused';
  if (!(error instanceof StreamsException)) return 'bug';
  return error.cause instanceof KafkaError ? 'refused' : 'processing';
}

/** Decides what is done about errors, says so, and counts them. */
export class ErrorPolicy {
  readonly #handler: UncaughtErrorHandler;
  readonly #logger: Logger;
  readonly #counts = new Map<UncaughtErrorKind, number>();

  constructor(handler: UncaughtErrorHandler, logger: Logger) {
    this.#handler = handler;
    this.#logger = logger;
  }

  /** How many there were, by kind. */
  get counts(): ReadonlyMap<UncaughtErrorKind, number> {
    return this.#counts;
  }

  decide(error: unknown, task?: TaskId): UncaughtErrorAction {
    const kind = kindOf(error);
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const asked = this.#ask(error instanceof Error ? error : new Error(messageOf(error)), {
      kind,
      task,
    });
    const action = asked === 'restart-task' && task === undefined ? 'replace-thread' : asked;
    const fields = { kind, action, ...(task !== undefined && { task }) };
    // What a fault in the code is, only its stack tells.
    if (kind === 'bug') this.#logger.error({ ...fields, error }, `a fault: ${messageOf(error)}`);
    else this.#logger.warn({ ...fields, error: messageOf(error) }, MESSAGES[action]);
    return action;
  }

  #ask(error: Error, context: UncaughtErrorContext): UncaughtErrorAction {
    const { kind } = context;
    if (typeof this.#handler !== 'function') return this.#handler[kind] ?? DEFAULT_ACTIONS[kind];
    try {
      return this.#handler(error, context);
    } catch (handlerError) {
      this.#logger.error(
        { error: handlerError, kind },
        'onUncaughtError threw an error itself, so this instance is shut down',
      );
      return 'shutdown-client';
    }
  }
}

// A changelog's start has moved on while it was read: the next attempt sees that, and makes the state anew.
function isTransient(error: KafkaError): boolean {
  return error.isRetriable || error.type === 'OFFSET_OUT_OF_RANGE';
}
