import type { FailedNode } from './failure-handler.ts';

/** Remembers in which node an error was thrown first: on its way out it passes every node above. */
export class Blame {
  #error: unknown;
  #node: FailedNode | undefined;

  /** @returns the error, to be thrown on */
  noted(node: FailedNode, error: unknown): unknown {
    if (!this.#node || error !== this.#error) {
      this.#error = error;
      this.#node = node;
    }
    return error;
  }

  /** The node of an error that has come out; what was noted is forgotten. */
  nodeOf(error: unknown): FailedNode | undefined {
    const node = error === this.#error ? this.#node : undefined;
    this.#error = this.#node = undefined;
    return node;
  }
}
