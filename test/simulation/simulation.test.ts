import { describe, expect, test } from 'vitest';
import { simulate, type Outcome } from './simulation.ts';

/** `SEED=123 vitest run test/simulation` replays that run, with each guarantee. */
const SEED = process.env['SEED'];
const TIME_OUT_MS = 120_000;
const TRACE_LINES = 400;

const GUARANTEES = [
  { guarantee: 'exactly_once_v2', runs: 4000 },
  { guarantee: 'at_least_once', runs: 1000 },
] as const;

describe.runIf(SEED !== undefined)('the run of one seed', () => {
  test.each(GUARANTEES)(
    `seed ${SEED ?? ''} comes out as without faults, $guarantee`,
    { timeout: TIME_OUT_MS },
    async ({ guarantee }) => {
      expectNoFailure(await simulate(Number(SEED), { guarantee, traceSize: TRACE_LINES }));
    },
  );
});

describe.runIf(SEED === undefined)('crashes, lost answers, fenced producers and rebalances', () => {
  test.each(GUARANTEES)(
    '$runs runs come out as without faults, $guarantee',
    { timeout: TIME_OUT_MS },
    async ({ guarantee, runs }) => {
      let commits = 0;
      let answers = 0;
      for (let seed = 1; seed <= runs; seed++) {
        const outcome = await simulate(seed, { guarantee });
        if (outcome.failure !== undefined) {
          expectNoFailure(await simulate(seed, { guarantee, traceSize: TRACE_LINES }));
          throw new Error(`seed ${seed} failed once, and not again: ${outcome.failure}`);
        }
        commits += outcome.commits;
        answers += outcome.answers;
      }
      // Runs in which nothing happens would pass, too.
      expect(commits).toBeGreaterThan(2 * runs);
      expect(answers).toBeGreaterThan(commits);
    },
  );

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
