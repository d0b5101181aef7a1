import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** What needs running infrastructure is in folders of its own; everything else is a unit test. */
const KAFKA = 'test/kafka/**/*.test.ts';
/** Thousands of runs with faults: minutes. */
const SIMULATION = 'test/simulation/**/*.test.ts';
const E2E = ['test/e2e/**/*.test.ts', 'test/launcher/**/*.test.ts'];

export default defineConfig({
  test: {
    // The default leaves one core out, of two.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          // For machines that are busy with other things: what takes so long, hangs.
          testTimeout: 60_000,
          include: ['{streams,topology,schemas,services,bff,test}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, KAFKA, SIMULATION, ...E2E],
        },
      },
      { test: { name: 'simulation', include: [SIMULATION], testTimeout: 60_000 } },
      {
        test: {
          name: 'kafka',
          include: [KAFKA],
          globalSetup: ['test/launcher/kafka-global-setup.ts'],
          // One broker for all; a file has names of its own, a server of its own, or bears what others write.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: E2E,
          // Each starts what it needs by itself, on ports of its own: they wait more than they work.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
