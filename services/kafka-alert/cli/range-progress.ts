import type { Io } from './io.ts';
import { shortDuration } from './text.ts';

const TERMINAL_EVERY_MS = 100;
const LINES_EVERY_MS = 5_000;
const WIDTH = 30;

/** How far a replay of topics is, on stderr: a bar on a terminal, elsewhere a line now and then. */
export class RangeProgress {
  readonly #io: Io;
  readonly #startedAt: number;
  #total: number;
  #done = 0;
  #shownAt: number;

  /** @param total offsets that are expected; there may be more */
  constructor(io: Io, total: number) {
    this.#io = io;
    this.#total = total;
    this.#startedAt = this.#shownAt = io.now();
    if (io.stderr.isTTY) this.#show();
  }

  add(offsets: number): void {
    this.#done += offsets;
    const everyMs = this.#io.stderr.isTTY ? TERMINAL_EVERY_MS : LINES_EVERY_MS;
    if (this.#io.now() - this.#shownAt >= everyMs) this.#show();
  }

  /** Nothing more comes: all of it is done, or it was interrupted. */
  finish(): void {
    if (!this.#io.interrupted.aborted) this.#total = this.#done;
    this.#show();
    if (this.#io.stderr.isTTY) this.#io.stderr.write('\n');
  }

  #show(): void {
    const now = this.#io.now();
    this.#shownAt = now;
    this.#total = Math.max(this.#total, this.#done);
    const elapsedMs = Math.max(1, now - this.#startedAt);
    const part = this.#total === 0 ? 1 : this.#done / this.#total;
    const rate = Math.round((1000 * this.#done) / elapsedMs);
    const left =
      part === 1
        ? `in ${shortDuration(elapsedMs)}`
        : this.#done === 0
          ? 'starting'
          : `${shortDuration(elapsedMs / part - elapsedMs)} left`;
    const percent = `${String(Math.floor(100 * part)).padStart(3)}%`;
    const text = `${percent} ${String(this.#done)} of ${String(this.#total)} offsets, ${String(rate)}/s, ${left}`;
    const { stderr } = this.#io;
    if (!stderr.isTTY) {
      stderr.write(`${text}\n`);
      return;
    }
    const full = Math.round(WIDTH * part);
    stderr.write(`\r\u001b[K[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${text}`);
  }
}
