import { setTimeout as delay } from 'node:timers/promises';
import type { TestKafka } from './kafka.ts';
import { inputRecords } from './outcome.ts';
import { traffic, type TrafficRecord } from './traffic.ts';

const PIECE = 10_000;

/**
 * Traffic as it comes live, until it is told to end: written piece by piece, each with event times from its own "now" on, the
 * next one when those have passed. So no record is late for whoever goes by the wall clock, as long as writing a piece takes
 * less than the allowed lateness.
 */
export class TrafficFlow {
  /** What has been written so far, in that order. */
  readonly written: TrafficRecord[] = [];
  readonly #kafka: TestKafka;
  readonly #source: Iterator<TrafficRecord>;
  readonly #start = Date.now();
  readonly #flowing: Promise<void>;
  #atLeast = Infinity;
  /** Added to all event times; grows where writing falls behind the clock. */
  #shift = 0;

  /** Starts at once. @param speed see `TrafficOptions` */
  constructor(kafka: TestKafka, seed: number, speed: number) {
    this.#kafka = kafka;
    this.#source = traffic(Infinity, seed, { start: this.#start, speed });
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
      if (this.#atLeast === Infinity)
        await delay(Math.max(0, eventTime(piece.at(-1)!) - Date.now()));
    }
  }

  #nextPiece(): TrafficRecord[] {
    const piece = Array.from({ length: PIECE }, () => this.#source.next().value as TrafficRecord);
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
