import type { TaskId } from './assignor.ts';
import type { Clock } from './clock.ts';
import { Listeners } from './listeners.ts';
import type { Logger } from './logger.ts';

const LOG_EVERY_MS = 5_000;

/** A store that is being brought up to date from its changelog; plain data. */
export interface RestoreStatus {
  readonly task: TaskId;
  readonly store: string;
  /** The changelog. */
  readonly topic: string;
  readonly partition: number;
  /** The offset at which local state stood. */
  readonly from: number;
  /** The next offset to be read. */
  readonly position: number;
  /** The changelog's end, as of the start. */
  readonly end: number;
  /** Records read so far. */
  readonly records: number;
  /** Of the way from `from` to `end`, 0 to 100. */
  readonly percent: number;
  /** What is left at the rate so far, ms; undefined before anything was read. */
  readonly remainingMs: number | undefined;
}

/**
 * Told how restoring goes, as in Kafka Streams. An instance calls it for each store of each task that it takes over, also when
 * there is nothing to read.
 * @see https://kafka.apache.org/41/javadoc/org/apache/kafka/streams/processor/StateRestoreListener.html
 */
export interface StateRestoreListener {
  onRestoreStart?(restore: RestoreStatus): void;
  /** @param records how many came with this batch */
  onBatchRestored?(restore: RestoreStatus, records: number): void;
  onRestoreEnd?(restore: RestoreStatus): void;
  /** It stopped before its end: the task was given up, or has failed. */
  onRestoreSuspended?(restore: RestoreStatus): void;
}

/** The restores that are under way. */
export class Restores {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners: Listeners<StateRestoreListener>;
  readonly #running = new Set<Restore>();

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#listeners = new Listeners(logger);
  }

  listen(listener: StateRestoreListener): void {
    this.#listeners.add(listener);
  }

  get status(): RestoreStatus[] {
    return [...this.#running].map((restore) => restore.status);
  }

  start(facts: RestoreFacts): Restore {
    const restore = new Restore(facts, {
      clock: this.#clock,
      logger: this.#logger,
      tell: (call) => this.#listeners.tell(call),
      onOver: () => this.#running.delete(restore),
    });
    this.#running.add(restore);
    this.#listeners.tell((listener) => listener.onRestoreStart?.(restore.status));
    return restore;
  }
}

type RestoreFacts = Pick<RestoreStatus, 'task' | 'store' | 'topic' | 'partition' | 'from' | 'end'>;

interface RestoreContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tell: (call: (listener: StateRestoreListener) => void) => void;
  readonly onOver: () => void;
}

/** One of them. */
export class Restore {
  readonly #facts: RestoreFacts;
  readonly #context: RestoreContext;
  readonly #startedAt: number;
  #toldAt: number;
  #position: number;
  #records = 0;
  #isOver = false;

  constructor(facts: RestoreFacts, context: RestoreContext) {
    this.#facts = facts;
    this.#context = context;
    this.#position = facts.from;
    this.#startedAt = this.#toldAt = context.clock.now();
  }

  get status(): RestoreStatus {
    const { from, end } = this.#facts;
    const position = this.#position;
    const done = position - from;
    const elapsedMs = this.#context.clock.now() - this.#startedAt;
    return {
      ...this.#facts,
      position,
      records: this.#records,
      percent: end > from ? Math.floor((100 * done) / (end - from)) : 100,
      remainingMs: done > 0 ? Math.round((elapsedMs / done) * (end - position)) : undefined,
    };
  }

  advance(position: number, records: number): void {
    const { clock, logger, tell } = this.#context;
    this.#position = position;
    this.#records += records;
    tell((listener) => listener.onBatchRestored?.(this.status, records));
    if (clock.now() - this.#toldAt < LOG_EVERY_MS) return;
    this.#toldAt = clock.now();
    logger.info(this.status, 'restoring state');
  }

  end(): void {
    const { clock, logger, tell } = this.#context;
    this.#over();
    tell((listener) => listener.onRestoreEnd?.(this.status));
    const { task, topic, partition, from, end, records } = this.status;
    const ms = clock.now() - this.#startedAt;
    logger.info({ task, topic, partition, from, end, records, ms }, 'state restored');
  }

  /** Does nothing once it has ended. */
  suspend(): void {
    if (this.#isOver) return;
    this.#over();
    this.#context.tell((listener) => listener.onRestoreSuspended?.(this.status));
  }

  #over(): void {
    this.#isOver = true;
    this.#context.onOver();
  }
}
