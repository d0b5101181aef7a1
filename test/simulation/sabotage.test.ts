import { expect, test } from 'vitest';
import { sabotages, sabotagesAtLeastOnce } from './sabotage.ts';
import { simulate, type SimulationOptions } from './simulation.ts';

/** Some faults show only when several things go wrong together. */
const RUNS = 3000;
/** With a seed, only its run is replayed. */
const isReplay = process.env['SEED'] !== undefined;

async function expectNotice(options: SimulationOptions): Promise<void> {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { failure } = await simulate(seed, options);
    if (failure !== undefined) return;
  }
  expect.fail(`nothing was noticed in ${RUNS} runs`);
}

test.skipIf(isReplay).each(Object.entries(sabotages))(
  'it is noticed when %s',
  (_name, sabotage) => expectNotice({ sabotage }),
  120_000,
);

test.skipIf(isReplay).each(Object.entries(sabotagesAtLeastOnce))(
  'without transactions, it is noticed when %s',
  (_name, sabotage) => expectNotice({ sabotage, guarantee: 'at_least_once' }),
  120_000,
);
