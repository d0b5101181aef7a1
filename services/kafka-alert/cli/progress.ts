import type { Io } from './io.ts';

const EVERY_MS = 500;

/** How far a replay is, on stderr: one line that is written over on a terminal, else a line now and then. */
export class Progress {
  readonly #io: Io;
  readonly #totalBytes: number | undefined;
  readonly #startedAt: number;
  #shownAt: number;
  #bytes = 0;
  #lines = 0;

  /** @param totalBytes undefined when it is not known (a pipe) */
  constructor(io: Io, totalBytes: number | undefined) {
    this.#io = io;
    this.#totalBytes = totalBytes;
    this.#startedAt = this.#shownAt = io.now();
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  addLines(lines: number): void {
    this.#lines += lines;
    if (this.#io.now() - this.#shownAt >= EVERY_MS) this.#show('');
  }

  finish(): void {
    this.#show(', done');
    if (this.#io.stderr.isTTY) this.#io.stderr.write('\n');
  }

  #show(suffix: string): void {
    const now = this.#io.now();
    this.#shownAt = now;
    const seconds = Math.max(now - this.#startedAt, 1) / 1000;
    const rate = Math.round(this.#lines / seconds);
    const text = `${this.#percent()}${String(this.#lines)} records, ${String(rate)}/s${suffix}`;
    const { stderr } = this.#io;
    stderr.write(stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  #percent(): string {
    if (!this.#totalBytes) return '';
    return `${String(Math.floor((100 * this.#bytes) / this.#totalBytes))}%, `;
  }
}
