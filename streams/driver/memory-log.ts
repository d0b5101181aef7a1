import type { ChangelogEnds, OutputRecord, TaskCommit } from '../task/commit.ts';
import type { RawRecord } from '../task/input-record.ts';
import type { StartOffset } from '../task/task.ts';

/** The topics and committed offsets of a driver: one partition each. A commit is there wholly or not at all. */
export class MemoryLog {
  readonly #topics = new Map<string, RawRecord[]>();
  /** First offsets that are still there, of topics that were cut. */
  readonly #starts = new Map<string, number>();
  readonly #offsets = new Map<string, StartOffset>();

  /** @returns the record's offset */
  append({ topic, key, value, headers }: OutputRecord, timestamp = 0): number {
    const records = this.#topic(topic);
    const offset = this.end(topic);
    records.push({ offset, timestamp, key, value, headers });
    return offset;
  }

  records(topic: string, from: number): RawRecord[] {
    return this.#topic(topic).slice(Math.max(0, from - this.#start(topic)));
  }

  end(topic: string): number {
    return this.#start(topic) + this.#topic(topic).length;
  }

  /** Deletes what is before an offset. */
  cut(topic: string, before: number): void {
    const start = this.#start(topic);
    if (before <= start) return;
    this.#topic(topic).splice(0, before - start);
    this.#starts.set(topic, before);
  }

  /** Where reading goes on; the start when nothing was committed. */
  committed(topic: string): StartOffset {
    return this.#offsets.get(topic) ?? { topic, offset: 0, metadata: null };
  }

  commit({ outputs, changelog, offsets }: TaskCommit): ChangelogEnds {
    for (const record of [...outputs, ...changelog]) this.append(record);
    for (const { topic, offset, metadata } of offsets) {
      this.#offsets.set(topic, { topic, offset, metadata });
    }
    return new Map(changelog.map(({ topic }) => [topic, this.end(topic)]));
  }

  #start(topic: string): number {
    return this.#starts.get(topic) ?? 0;
  }

  #topic(name: string): RawRecord[] {
    let records = this.#topics.get(name);
    if (!records) this.#topics.set(name, (records = []));
    return records;
  }
}
