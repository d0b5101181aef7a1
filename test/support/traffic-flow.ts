import { setTimeout as delay } from 'node:timers/promises';
import type { TestKafka } from './kafka.ts';
import { inputRecords } from './outcome.ts';
import type { SteeredClock } from './steered-clock.ts';
import { traffic, type TrafficRecord } from './traffic.ts';

export interface FlowOptions {
  readonly seed: number;
  /** As of `traffic`: an order every 50 ms at 1. */
  readonly speed: number;
  /** Records that are written together. */
  readonly piece: number;
  /** The clock of those who read it, to be moved; default: the wall clock, which is waited for. */
  readonly clock?: SteeredClock;
}

/** Between two pieces, where the clock follows the flow. */
const PAUSE_MS = 100;

/**
 * Traffic as it comes live, until it is told to end: written piece by piece, each with event times from its own "now" on, the
 * next one when those have passed. So no record is late for whoever goes by the wall clock, as long as writing a piece takes
 * less than the allowed lateness; for whoever goes by a steered clock, none is late however long it takes.
 */
export class TrafficFlow {
  /** What has been written so far, in that order. */
  readonly written: TrafficRecord[] = [];
  readonly #kafka: TestKafka;
  readonly #options: FlowOptions;
  readonly #source: Iterator<TrafficRecord>;
  readonly #flowing: Promise<void>;
  #atLeast = Infinity;
  /** Added to all event times; grows where writing falls behind the clock. */
  #shift = 0;

  /** Starts at once. */
  constructor(kafka: TestKafka, options: FlowOptions) {
    this.#kafka = kafka;
    this.#options = options;
    const { seed, speed, clock } = options;
    const start = clock?.now() ?? Date.now();
    this.#source = traffic(Infinity, seed, { start, speed });
    this.#flowing = this.#flow();
    // Waited for in `end`; until then a failure is not unheard.
    this.#flowing.catch(() => undefined);
  }

  /** Lets it flow until there are so many records, and waits for that. */
  async end(atLeast: number): Promise<void> {
    this.#atLeast = atLeast;
    await this.#flowing;
  }

  async #flow(): Promise<void> {
    while (this.written.length < this.#atLeast) {
      const piece = this.#nextPiece();
      await this.#kafka.write(inputRecords(piece, this.#kafka.topics));
      this.written.push(...piece);
      const last = eventTime(piece.at(-1)!);
      this.#options.clock?.moveTo(last);
      if (this.#atLeast < Infinity) continue;
      await delay(this.#options.clock ? PAUSE_MS : Math.max(0, last - Date.now()));
    }
  }

  #nextPiece(): TrafficRecord[] {
    const next = () => this.#source.next().value as TrafficRecord;
    const piece = Array.from({ length: this.#options.piece }, next);
    if (!this.#options.clock)
      this.#shift = Math.max(this.#shift, Date.now() - eventTime(piece[0]!));
    return piece.map((record) => shifted(record, this.#shift));
  }
}

function eventTime({ kind, value }: TrafficRecord): number {
  return kind === 'order' ? value.updatedAt : value.occurredAt;
}

function shifted(record: TrafficRecord, ms: number): TrafficRecord {
  if (record.kind === 'payment') {
    const { value } = record;
    return { kind: 'payment', value: { ...value, occurredAt: value.occurredAt + ms } };
  }
  const { value } = record;
  const paymentExpiresAt = value.paymentExpiresAt! + ms;
  return {
    kind: 'order',
    value: { ...value, updatedAt: value.updatedAt + ms, paymentExpiresAt },
  };
}
