import type { Batch, StateBackend } from './backend.ts';

const TIME_BYTES = 8;

/** The committed timers of one store in its local state: keys are the instant (big-endian) and the record's key. */
export class TimerColumn {
  readonly #backend: StateBackend;
  readonly #idOf: (key: Buffer) => string;
  readonly name: string;

  /** @param idOf what a key is called in memory */
  constructor(backend: StateBackend, name: string, idOf: (key: Buffer) => string) {
    this.#backend = backend;
    this.#idOf = idOf;
    this.name = name;
  }

  put(batch: Batch, dueAt: number, key: Buffer): void {
    batch.put(this.name, timerKey(dueAt, key), EMPTY);
  }

  delete(batch: Batch, dueAt: number, key: Buffer): void {
    batch.delete(this.name, timerKey(dueAt, key));
  }

  /** Timers at or after `from`, earliest first, `limit` at most. */
  scan(from: number, limit: number): { dueAt: number; id: string }[] {
    return this.#backend
      .scan(this.name, timerKey(from, EMPTY), limit)
      .map(([key]) => ({ dueAt: readTime(key), id: this.#idOf(key.subarray(TIME_BYTES)) }));
  }

  clear(): void {
    this.#backend.clear(this.name);
  }
}

const EMPTY = Buffer.alloc(0);

function timerKey(dueAt: number, key: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(TIME_BYTES + key.length);
  // Whole and below 2^53; only a scan starts before 1970.
  const time = Math.max(0, dueAt);
  bytes.writeUInt32BE(Math.floor(time / 2 ** 32), 0);
  bytes.writeUInt32BE(time % 2 ** 32, 4);
  key.copy(bytes, TIME_BYTES);
  return bytes;
}

function readTime(bytes: Buffer): number {
  return bytes.readUInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4);
}
