/**
 * Where a task keeps its committed state: named columns of byte strings, in key order. One backend is one task's; what one
 * `Batch` writes is there wholly or not at all, also after a crash. Calls are synchronous: a task runs between awaits.
 */
export interface StateBackend {
  /** Values in the keys' order; undefined where there is none. */
  getMany(column: string, keys: readonly Buffer[]): (Buffer | undefined)[];
  /** Entries with `from <= key`, in key order, `limit` at most. */
  scan(column: string, from: Buffer, limit: number): [key: Buffer, value: Buffer][];
  batch(): Batch;
  /** Deletes a column's entries. */
  clear(column: string): void;
  /** What it takes on the disk, or in memory where it is there; for people. */
  sizeBytes(): Promise<number>;
  close(): Promise<void>;
}

/** Writes that happen together at `write()`. */
export interface Batch {
  put(column: string, key: Buffer, value: Buffer): void;
  delete(column: string, key: Buffer): void;
  write(): void;
}

/** Opens the backend of one task with these columns; `META_COLUMN` is always among them. */
export type OpenBackend = (taskId: string, columns: readonly string[]) => Promise<StateBackend>;

/** Checkpoints and format marks. */
export const META_COLUMN = 'default';
