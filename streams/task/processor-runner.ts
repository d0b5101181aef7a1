import { StreamsException } from '../errors.ts';
import {
  storesOf,
  type AnyKeyedProcessor,
  type AnyProcessor,
  type AnyRecord,
  type Forward,
  type ProcessorNode,
} from '../graph/topology.ts';
import type {
  ForwardOptions,
  ForwardedRecord,
  ProcessorContext,
  RecordContext,
} from '../processor/processor.ts';
import { NO_HEADERS } from '../processor/record.ts';
import type { AnyStoreHandle } from '../processor/store.ts';
import type { Entry, KeyedState } from '../state/keyed-state.ts';
import type { Blame } from './blame.ts';
import type { FailedNode } from './failure-handler.ts';
import type { TaskMetrics } from './task-metrics.ts';

/** What a runner needs of its task. */
export interface RunnerHost {
  readonly watermark: { readonly value: number };
  readonly metrics: TaskMetrics;
  readonly partition: number;
  readonly blame: Blame;
}

type State = KeyedState<unknown, unknown>;
type StateEntry = Entry<unknown, unknown>;

/** Where a runner's records go, and what it may use. */
export interface RunnerLinks {
  readonly forward: Forward;
  /** The children by their names. */
  readonly children: ReadonlyMap<string, Forward>;
  /** A store as the processor sees it, by name. @param now event time of what is being processed */
  store(name: string, now: () => number): unknown;
}

/** Something whose timers the task fires. */
export interface TimedRunner {
  readonly node: FailedNode;
  readonly state: State;
  /** Runs a timer that was just taken out of the queue; it must have moved or gone afterwards. */
  onTimer(entry: StateEntry, dueAt: number): void;
}

/** What all processors' contexts have. One record, timer or punctuation at a time. */
abstract class Runner {
  readonly node: ProcessorNode;
  protected readonly host: RunnerHost;
  protected readonly links: RunnerLinks;
  /** The record at hand, or what a timer's results look like they come from. */
  protected cause: AnyRecord | undefined;
  readonly #stores: ReadonlyMap<string, unknown>;

  constructor(node: ProcessorNode, host: RunnerHost, links: RunnerLinks) {
    this.node = node;
    this.host = host;
    this.links = links;
    const now = () => this.cause!.timestamp;
    this.#stores = new Map(storesOf(node).map((name) => [name, links.store(name, now)]));
  }

  get watermark(): number {
    return this.host.watermark.value;
  }

  store({ name }: AnyStoreHandle): never {
    const store = this.#stores.get(name);
    if (!store)
      throw new StreamsException(
        `processor '${this.node.name}' does not name store '${name}'; add it to its 'stores'`,
      );
    return store as never;
  }

  drop(reason: string): void {
    this.host.metrics.add(this.host.metrics.dropped, reason);
  }

  count(event: string, by = 1): void {
    this.host.metrics.add(this.host.metrics.events, event, by);
  }

  protected child(name: string): Forward {
    const child = this.links.children.get(name);
    if (child) return child;
    const known = [...this.links.children.keys()].join(', ');
    throw new StreamsException(
      `processor '${this.node.name}' has no child '${name}', it has ${known || 'none'}; name the next step so`,
    );
  }

  protected causeOf(kind: string, key: unknown, timestamp: number): AnyRecord {
    return {
      key,
      value: undefined,
      timestamp,
      headers: NO_HEADERS,
      topic: `${kind} of ${this.node.name}`,
      partition: this.host.partition,
      offset: -1,
    };
  }

  protected checkMoved(entry: StateEntry, dueAt: number): void {
    if (entry.dueAt > dueAt) return;
    throw new StreamsException(
      `processor '${this.node.name}', key '${typeof entry.key === 'string' ? entry.key : JSON.stringify(entry.key)}': ` +
        `after onTimer at ${dueAt} the state's timer is ${entry.dueAt}; put a state whose timer is later, or null`,
    );
  }
}

/** Runs a processor with a state per key; is the context that it sees. */
export class KeyedRunner extends Runner implements ProcessorContext<unknown, unknown>, TimedRunner {
  readonly state: State;
  readonly #processor: AnyKeyedProcessor;
  #entry: StateEntry | undefined;

  constructor(
    node: ProcessorNode & { readonly processor: AnyKeyedProcessor },
    state: State,
    host: RunnerHost,
    links: RunnerLinks,
  ) {
    super(node, host, links);
    this.#processor = node.processor;
    this.state = state;
  }

  onRecord(record: AnyRecord): void {
    this.cause = record;
    const entry = (this.#entry = this.state.entry(record.key));
    this.#processor.onRecord(record, entry.state, this);
  }

  onTimer(entry: StateEntry, dueAt: number): void {
    this.#entry = entry;
    this.cause = this.causeOf('timer', entry.key, dueAt);
    this.#processor.onTimer?.(entry.key, dueAt, entry.state, this);
    this.checkMoved(entry, dueAt);
  }

  put(state: unknown): void {
    this.state.put(this.#entry!, state ?? undefined);
  }

  forward(value: unknown, options?: number | ForwardOptions): void {
    const cause = this.cause!;
    if (typeof options !== 'object') {
      this.links.forward({ ...cause, value, timestamp: options ?? cause.timestamp });
      return;
    }
    const { timestamp = cause.timestamp, headers = cause.headers, to } = options;
    const forward = to === undefined ? this.links.forward : this.child(to);
    forward({ ...cause, value, timestamp, headers });
  }
}

/** Runs a general processor; is the context that it sees, and a keyed one's in a punctuation. */
export class RecordRunner extends Runner implements RecordContext<unknown, unknown> {
  readonly #processor: AnyProcessor | AnyKeyedProcessor;

  constructor(node: ProcessorNode, host: RunnerHost, links: RunnerLinks) {
    super(node, host, links);
    this.#processor = node.processor;
  }

  onRecord(record: AnyRecord): void {
    this.cause = record;
    (this.#processor as AnyProcessor).onRecord(record, this);
  }

  /** Wall-clock time has come. */
  punctuate(now: number): void {
    this.cause = this.causeOf('punctuation', undefined, now);
    this.#processor.every!.run(this, now);
  }

  forward(record: ForwardedRecord<unknown, unknown>, to?: string): void {
    const forward = to === undefined ? this.links.forward : this.child(to);
    forward({ ...this.cause!, ...record });
  }

  /** The timers of the entries in the store that the processor has timers for. */
  timed(state: State): TimedRunner {
    const { timers } = this.#processor as AnyProcessor;
    return {
      node: this.node,
      state,
      onTimer: (entry, dueAt) => {
        this.cause = this.causeOf('timer', entry.key, dueAt);
        timers!.onTimer(entry.key as never, dueAt, entry.state as never, this);
        this.checkMoved(entry, dueAt);
      },
    };
  }
}
