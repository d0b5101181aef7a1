import type { Batch, StateBackend } from './backend.ts';

/** A backend in memory, for drivers and stores that need no disk. It outlives a `close()`, as a disk would. */
export class MemoryBackend implements StateBackend {
  readonly #columns = new Map<string, Column>();

  getMany(column: string, keys: readonly Buffer[]): (Buffer | undefined)[] {
    const entries = this.#column(column);
    return keys.map((key) => entries.get(hex(key)));
  }

  scan(column: string, from: Buffer, limit: number): [Buffer, Buffer][] {
    return this.#column(column).scan(hex(from), limit);
  }

  batch(): Batch {
    const writes: (() => void)[] = [];
    return {
      put: (column, key, value) => {
        // Copied now: the caller may reuse its buffers once the call returns.
        const copy = Buffer.from(value);
        const name = hex(key);
        writes.push(() => this.#column(column).set(name, copy));
      },
      delete: (column, key) => {
        const name = hex(key);
        writes.push(() => this.#column(column).delete(name));
      },
      write: () => {
        for (const write of writes.splice(0)) write();
      },
    };
  }

  clear(column: string): void {
    this.#columns.delete(column);
  }

  sizeBytes(): Promise<number> {
    const sizes = [...this.#columns.values()].map((column) => column.sizeBytes);
    return Promise.resolve(sizes.reduce((sum, size) => sum + size, 0));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #column(name: string): Column {
    let column = this.#columns.get(name);
    if (!column) this.#columns.set(name, (column = new Column()));
    return column;
  }
}

/** Hex strings sort as the bytes do. */
function hex(key: Buffer): string {
  return key.toString('hex');
}

/** A map whose sorted keys are made again only when a scan follows a change of keys. */
class Column {
  readonly #entries = new Map<string, Buffer>();
  #sorted: string[] | undefined;

  get sizeBytes(): number {
    let size = 0;
    for (const [key, value] of this.#entries) size += key.length / 2 + value.length;
    return size;
  }

  get(key: string): Buffer | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: Buffer): void {
    if (!this.#entries.has(key)) this.#sorted = undefined;
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#sorted = undefined;
  }

  scan(from: string, limit: number): [Buffer, Buffer][] {
    this.#sorted ??= [...this.#entries.keys()].sort();
    const keys = this.#sorted;
    let low = 0;
    for (let high = keys.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < from) low = middle + 1;
      else high = middle;
    }
    return keys
      .slice(low, low + limit)
      .map((key) => [Buffer.from(key, 'hex'), this.#entries.get(key)!]);
  }
}
