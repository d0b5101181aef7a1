import { cpus, release, totalmem, type } from 'node:os';

/** Where figures come from; they mean little without. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly date: string;
  readonly command: string;
}

export function machine(args: readonly string[], now: Date): Machine {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    date: now.toISOString(),
    command: ['npm run bench --', ...args].join(' '),
  };
}

/**
 * How long a fixed piece of arithmetic takes, ms; the best of three, so that the collector and the compiler don't show. The
 * same before and after a run says that the machine was as quick; it takes a tenth of a second.
 */
export function probeMs(): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    arithmetic();
    return performance.now() - start;
  });
  return Math.min(...times);
}

const STEPS = 20_000_000;

function arithmetic(): number {
  let state = 1;
  for (let i = 0; i < STEPS; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}
