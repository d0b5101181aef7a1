import { StreamsException } from '../errors.ts';
import type { ProcessorNode } from '../graph/topology.ts';
import type { ProcessorContext, ProcessorRecord } from '../processor/processor.ts';
import { NO_HEADERS } from '../processor/record.ts';
import type { Entry, KeyedState } from '../state/keyed-state.ts';
import type { TaskMetrics } from './task-metrics.ts';

export type Forward = (record: ProcessorRecord<unknown>) => void;

/** What a runner needs of its task. */
export interface RunnerHost {
  readonly watermark: { readonly value: number };
  readonly metrics: TaskMetrics;
  readonly partition: number;
}

/** Runs one processor over its store; is the context that the processor sees. One record or timer at a time. */
export class ProcessorRunner implements ProcessorContext<unknown, unknown> {
  readonly node: ProcessorNode;
  readonly state: KeyedState<unknown>;
  readonly #host: RunnerHost;
  readonly #forward: Forward;
  #entry: Entry<unknown> | undefined;
  /** The record at hand, or what a timer's results look like they come from. */
  #cause: ProcessorRecord<unknown> | undefined;

  constructor(node: ProcessorNode, state: KeyedState<unknown>, host: RunnerHost, forward: Forward) {
    this.node = node;
    this.state = state;
    this.#host = host;
    this.#forward = forward;
  }

  onRecord(record: ProcessorRecord<unknown>): void {
    this.#cause = record;
    this.#entry = this.state.entry(record.key);
    this.node.processor.onRecord(record, this.#entry.state, this);
  }

  /** Runs a timer that was just taken out of the queue; it must have moved or gone afterwards. */
  onTimer(entry: Entry<unknown>, dueAt: number): void {
    this.#entry = entry;
    this.#cause = {
      key: entry.key,
      value: undefined,
      timestamp: dueAt,
      headers: NO_HEADERS,
      topic: `timer of ${this.node.name}`,
      partition: this.#host.partition,
      offset: -1,
    };
    this.node.processor.onTimer?.(entry.key, dueAt, entry.state, this);
    if (entry.dueAt <= dueAt) {
      throw new StreamsException(
        `processor '${this.node.name}', key '${entry.key}': after onTimer at ${dueAt} the state's timer is ${entry.dueAt}; ` +
          `put a state whose timer is later, or null`,
      );
    }
  }

  get watermark(): number {
    return this.#host.watermark.value;
  }

  put(state: unknown): void {
    this.state.put(this.#entry!, state ?? undefined);
  }

  forward(value: unknown, timestamp = this.#cause!.timestamp): void {
    this.#forward({ ...this.#cause!, value, timestamp });
  }

  drop(reason: string): void {
    this.#host.metrics.add(this.#host.metrics.dropped, reason);
  }

  count(event: string, by = 1): void {
    this.#host.metrics.add(this.#host.metrics.events, event, by);
  }
}
