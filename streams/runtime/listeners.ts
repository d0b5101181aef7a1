import { messageOf } from '../errors.ts';
import type { Logger } from './logger.ts';

/**
 * Those who want to be told. One that throws is logged, and told the next time again: who only looks on must not stop what
 * it looks at.
 */
export class Listeners<L> {
  readonly #all: L[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(listener: L): void {
    this.#all.push(listener);
  }

  tell(call: (listener: L) => void): void {
    for (const listener of this.#all) {
      try {
        call(listener);
      } catch (error) {
        this.#logger.error({ error }, `a listener has thrown: ${messageOf(error)}`);
      }
    }
  }
}
