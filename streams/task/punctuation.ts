import type { RecordRunner } from './processor-runner.ts';

/**
 * When wall-clock punctuations are due. The first one is a whole interval after the first look at the clock; after a
 * pause, one runs for all that were missed.
 */
export class Punctuation {
  readonly #schedule: { readonly runner: RecordRunner; readonly ms: number; at: number }[];
  #nextAt = Infinity;

  constructor(runners: readonly RecordRunner[]) {
    this.#schedule = runners.map((runner) => {
      const { ms } = runner.node.processor.every!;
      return { runner, ms, at: NaN };
    });
    if (runners.length > 0) this.#nextAt = -Infinity;
  }

  /** Wall clock; -Infinity before the first look at it. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** A clock that stands at infinity, as a driver's may, is none to go by. */
  isDue(now: number): boolean {
    return now >= this.#nextAt && now !== Infinity;
  }

  /** Those that are due; they are due again an interval from now. */
  take(now: number): RecordRunner[] {
    const due = this.#schedule.filter(({ at }) => at <= now).map(({ runner }) => runner);
    for (const each of this.#schedule) if (!(each.at > now)) each.at = now + each.ms;
    this.#nextAt = Math.min(...this.#schedule.map(({ at }) => at));
    return due;
  }
}
