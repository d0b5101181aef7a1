/**
 * Which records of a partition are still worked on, and so how far it may be called consumed: records are finished in any order,
 * and the offset that is committed is that of the oldest that is not.
 *
 * @example
 * const open = new OpenOffsets();
 * open.open('orders', 4); open.open('orders', 5); open.readTo('orders', 6);
 * open.close('orders', 5);
 * open.positions(); // orders → 4
 */
export class OpenOffsets {
  /** By topic, in the order of the offsets. */
  readonly #open = new Map<string, Set<number>>();
  readonly #next = new Map<string, number>();
  #size = 0;

  /** How many are open. */
  get size(): number {
    return this.#size;
  }

  /** A record is begun; of one topic in the order of their offsets. */
  open(topic: string, offset: number): void {
    let open = this.#open.get(topic);
    if (!open) this.#open.set(topic, (open = new Set()));
    open.add(offset);
    this.#size++;
  }

  /** Everything before `next` was begun, or is nothing to be done. */
  readTo(topic: string, next: number): void {
    this.#next.set(topic, next);
  }

  close(topic: string, offset: number): void {
    if (this.#open.get(topic)?.delete(offset)) this.#size--;
  }

  /** What can be committed now: by topic, the next offset for whoever takes over. */
  positions(): Map<string, number> {
    const found = new Map<string, number>();
    for (const [topic, next] of this.#next) {
      const oldest = this.#open.get(topic)?.values().next();
      found.set(topic, oldest && !oldest.done ? oldest.value : next);
    }
    return found;
  }
}
