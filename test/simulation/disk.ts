import type { Batch, StateBackend } from '#streams/state/backend';
import { MemoryBackend } from '#streams/state/memory-backend';

type Write = (batch: Batch) => void;

/** What the disk has of one task: it outlives processes, and may lose its last writes when the machine stops. */
export class DiskFolder {
  #content = new MemoryBackend();
  #written: (readonly Write[])[] = [];

  /** As it is now. */
  get content(): StateBackend {
    return this.#content;
  }

  /** One batch: all of it or nothing. */
  write(writes: readonly Write[]): void {
    this.#apply(writes);
    this.#written.push(writes);
  }

  /** The machine stopped before the last `count` batches had reached the disk. */
  loseLast(count: number): void {
    this.#written = this.#written.slice(0, Math.max(0, this.#written.length - count));
    this.#content = new MemoryBackend();
    for (const writes of this.#written) this.#apply(writes);
  }

  #apply(writes: readonly Write[]): void {
    const batch = this.#content.batch();
    for (const write of writes) write(batch);
    batch.write();
  }
}

/** A state folder: the instance's identity, and the state of each task that it ever had. */
export class Disk {
  readonly instanceId: string;
  readonly #folders = new Map<string, DiskFolder>();

  constructor(instanceId: string) {
    this.instanceId = instanceId;
  }

  get folders(): ReadonlyMap<string, DiskFolder> {
    return this.#folders;
  }

  folder(taskId: string): DiskFolder {
    let folder = this.#folders.get(taskId);
    if (!folder) this.#folders.set(taskId, (folder = new DiskFolder()));
    return folder;
  }
}
