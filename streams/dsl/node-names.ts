/**
 * Hands out names for what the user did not name: `orders-filter-1`. Counted per stream and kind of step, so that a step
 * that is added elsewhere in the topology renames nothing.
 */
export class NodeNames {
  readonly #counts = new Map<string, number>();

  /** @param root the topic, or the named step, that the stream comes from */
  next(root: string, kind: string): string {
    return `${root}-${kind}-${this.#count(`${root}-${kind}`)}`;
  }

  /** A name that is there once, mostly; the first one has no number. */
  only(name: string): string {
    const count = this.#count(name);
    return count === 1 ? name : `${name}-${count}`;
  }

  #count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }
}
