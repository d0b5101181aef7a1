import { expect, test } from 'vitest';
import { sabotages } from './sabotage.ts';
import { simulate } from './simulation.ts';

/** Some faults show only when several things go wrong together. */
const RUNS = 3000;

// With a seed, only its run is replayed.
test.skipIf(process.env['SEED'] !== undefined).each(Object.entries(sabotages))(
  'it is noticed when %s',
  async (_name, sabotage) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { failure } = await simulate(seed, { sabotage });
      if (failure !== undefined) return;
    }
    expect.fail(`nothing was noticed in ${RUNS} runs`);
  },
  120_000,
);
