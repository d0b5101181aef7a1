const QUIET_MS = 2000;

/** What is going on, on stderr. On a terminal one line that is written over, else a line now and then. */
export class Progress {
  readonly #stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  #shownAt = -Infinity;
  #isOpen = false;

  constructor(stream: NodeJS.WritableStream & { readonly isTTY?: boolean }) {
    this.#stream = stream;
  }

  /** A line that stays. */
  say(line: string): void {
    this.#stream.write(`${this.#erase()}${line}\n`);
    this.#isOpen = false;
    this.#shownAt = Date.now();
  }

  /** How far something is; may be called as often as one likes. */
  show(line: string): void {
    const interval = this.#stream.isTTY ? 200 : QUIET_MS;
    if (Date.now() - this.#shownAt < interval) return;
    this.#shownAt = Date.now();
    this.#stream.write(this.#stream.isTTY ? `${this.#erase()}${line}` : `${line}\n`);
    this.#isOpen = this.#stream.isTTY ?? false;
  }

  #erase(): string {
    return this.#isOpen ? '\r\u001b[K' : '';
  }
}
