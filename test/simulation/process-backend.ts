import type { Batch, StateBackend } from '#streams/state/backend';
import type { DiskFolder } from './disk.ts';
import { DISK_FAILED, type Faults } from './faults.ts';
import { ProcessKilled, type SimProcess } from './sim-process.ts';

/** A task's folder on the disk as one process has it open. A process that dies in the middle of a write leaves all of it or nothing. */
export class ProcessBackend implements StateBackend {
  readonly #folder: DiskFolder;
  readonly #process: SimProcess;
  readonly #faults: Faults;
  /** After a failure it must be opened anew. */
  #isBroken = false;

  constructor(folder: DiskFolder, process: SimProcess, faults: Faults) {
    this.#folder = folder;
    this.#process = process;
    this.#faults = faults;
  }

  getMany(column: string, keys: readonly Buffer[]): (Buffer | undefined)[] {
    this.#mustBeWhole();
    return this.#folder.content.getMany(column, keys);
  }

  scan(column: string, from: Buffer, limit: number): [Buffer, Buffer][] {
    this.#mustBeWhole();
    return this.#folder.content.scan(column, from, limit);
  }

  batch(): Batch {
    const writes: ((batch: Batch) => void)[] = [];
    return {
      put: (column, key, value) => {
        const [ownKey, ownValue] = [Buffer.from(key), Buffer.from(value)];
        writes.push((batch) => {
          batch.put(column, ownKey, ownValue);
        });
      },
      delete: (column, key) => {
        const ownKey = Buffer.from(key);
        writes.push((batch) => {
          batch.delete(column, ownKey);
        });
      },
      write: () => {
        this.#strike('write');
        this.#folder.write(writes.splice(0));
        this.#strike('written');
      },
    };
  }

  /** In chunks, as on a real disk: a process that dies on the way leaves some of it. */
  clear(column: string): void {
    const entries = this.scan(column, Buffer.alloc(0), Number.MAX_SAFE_INTEGER);
    for (const [key] of entries) {
      this.#strike('clear');
      this.#folder.write([
        (batch) => {
          batch.delete(column, key);
        },
      ]);
    }
    this.#strike('clear');
  }

  sizeBytes(): Promise<number> {
    return this.#folder.content.sizeBytes();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #strike(at: 'write' | 'written' | 'clear'): void {
    if (!this.#process.isDead) this.#faults.strike({ at }, this.#process);
    if (this.#process.isDead) throw new ProcessKilled(`${this.#process.name} died`);
    this.#mustBeWhole();
    if (!this.#process.hasDiskFailure) return;
    this.#process.hasDiskFailure = false;
    this.#isBroken = true;
    throw new Error(DISK_FAILED);
  }

  #mustBeWhole(): void {
    if (this.#isBroken) throw new Error(`${DISK_FAILED}, and is used on`);
  }
}
