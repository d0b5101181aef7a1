import { describe, expect, test } from 'vitest';
import { simulate, type Outcome } from './simulation.ts';

/** `SEED=123 vitest run test/simulation` replays that run. */
const SEED = process.env['SEED'];
const RUNS = 4000;
const TIME_OUT_MS = 120_000;
const TRACE_LINES = 400;

describe.runIf(SEED !== undefined)('the run of one seed', () => {
  test(`seed ${SEED ?? ''} comes out as without faults`, { timeout: TIME_OUT_MS }, async () => {
    expectNoFailure(await simulate(Number(SEED), { traceSize: TRACE_LINES }));
  });
});

describe.runIf(SEED === undefined)('crashes, lost answers, fenced producers and rebalances', () => {
  test(`${RUNS} runs come out as without faults`, { timeout: TIME_OUT_MS }, async () => {
    let commits = 0;
    let answers = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const outcome = await simulate(seed);
      if (outcome.failure !== undefined) {
        expectNoFailure(await simulate(seed, { traceSize: TRACE_LINES }));
        throw new Error(`seed ${seed} failed once, and not again: ${outcome.failure}`);
      }
      commits += outcome.commits;
      answers += outcome.answers;
    }
    // Runs in which nothing happens would pass, too.
    expect(commits).toBeGreaterThan(2 * RUNS);
    expect(answers).toBeGreaterThan(commits);
  });

  test('a seed gives the same run each time', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const first = await simulate(seed, { traceSize: 100_000 });
      expect(first.trace.length).toBeGreaterThan(10);
      expect(await simulate(seed, { traceSize: 100_000 })).toEqual(first);
    }
  });
});

function expectNoFailure({ seed, failure, trace }: Outcome): void {
  if (failure === undefined) return;
  const replay = `SEED=${seed} vitest run test/simulation`;
  throw new Error(`${failure}\n\nseed ${seed} (${replay}), its last events:\n${trace.join('\n')}`);
}
