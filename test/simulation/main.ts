import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';

const HELP = `Runs the simulation with one seed after another until time is over.

  node test/simulation/main.ts [--minutes N] [--seed N] [--trace N] [--at-least-once]

  --minutes N  how long; default 30
  --seed N     the first seed; default: a random one
  --trace N    how many of the last events of a failing run to print; default 200
  --at-least-once  without transactions

Prints the seeds of the runs that fail on standard output and exits with 1 if there were any.
SEED=n vitest run test/simulation  replays one.
`;
const PROGRESS_MS = 10_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
    trace: { type: 'string', default: '200' },
    'at-least-once': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const guarantee = values['at-least-once'] ? 'at_least_once' : 'exactly_once_v2';

if (values.help) process.stdout.write(HELP);
else {
  const [minutes, traceSize] = [numberOf('minutes'), numberOf('trace')];
  const first = values.seed === undefined ? Math.floor(Math.random() * 1e9) : numberOf('seed');
  process.exitCode = (await run(first, minutes * 60_000, traceSize)) > 0 ? 1 : 0;
}

/** @returns how many runs failed */
async function run(first: number, forMs: number, traceSize: number): Promise<number> {
  const startedAt = Date.now();
  let failed = 0;
  let commits = 0;
  let toldAt = startedAt;
  let seed = first;
  for (; Date.now() - startedAt < forMs; seed++) {
    const outcome = await simulate(seed, { guarantee });
    commits += outcome.commits;
    if (outcome.failure !== undefined) {
      failed++;
      const { failure, trace } = await simulate(seed, { guarantee, traceSize });
      process.stdout.write(`${seed}\n`);
      process.stderr.write(`${trace.join('\n')}\nseed ${seed}: ${failure ?? outcome.failure}\n`);
    }
    if (Date.now() - toldAt < PROGRESS_MS) continue;
    toldAt = Date.now();
    tell(toldAt);
  }
  tell(Date.now());
  return failed;

  function tell(now: number): void {
    const runs = seed - first;
    const seconds = (now - startedAt) / 1000;
    const rate = Math.round(runs / seconds);
    process.stderr.write(
      `${Math.round(seconds)} s, ${runs} runs from seed ${first}, ${rate}/s, ${commits} commits, ${failed} failed\n`,
    );
  }
}

function numberOf(option: 'minutes' | 'seed' | 'trace'): number {
  const number = Number(values[option]);
  if (Number.isFinite(number) && number >= 0) return number;
  process.stderr.write(`--${option} takes a number, not '${String(values[option])}'\n`);
  process.exit(2);
}
