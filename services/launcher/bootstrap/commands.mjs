export const HELP = `Usage: node services/launcher/bootstrap.mjs <command> [options]

  start [--docker | --native]    everything: infrastructure and services, until Ctrl-C
  infra [--only kafka,registry]  only the infrastructure; its addresses as JSON on stdout
        [--brokers N]            ... with a cluster of N Kafka brokers
  demo [options]                 a thousand orders through the running services, and what became of them
  rebuild NAME …                 read models dropped and built again from the topics
  test [vitest's options]        every test, with the real components
  test:unit [vitest's options]   the tests that need no infrastructure
  lint                           eslint and prettier
  typecheck                      the TypeScript compiler
  bench [options]                the benchmarks
  exec <file.ts> [arguments]     any file of the project

Each command has --help. Missing dependencies, and Node.js 24 where the machine's is older, are got
from npm first; downloads are kept in $KAFKA_ALERT_CACHE (default: ~/.cache/kafka-alert).`;

const VITEST = 'node_modules/vitest/vitest.mjs';
const TSC = 'node_modules/typescript/bin/tsc';

/** What each command runs: files of the project with their first arguments; the user's follow. */
const STEPS = {
  start: [['services/launcher/start.ts']],
  infra: [['services/launcher/infra-command.ts']],
  demo: [['services/demo/main.ts']],
  rebuild: [['services/launcher/rebuild.ts']],
  test: [[VITEST, 'run']],
  'test:unit': [[VITEST, 'run', '--project', 'unit']],
  lint: [
    ['node_modules/eslint/bin/eslint.js', '.'],
    ['node_modules/prettier/bin/prettier.cjs', '--check', '.'],
  ],
  typecheck: [[TSC], [TSC, '-p', 'bff/web']],
  bench: [['test/bench/main.ts']],
};

/**
 * Reads the command line: `{ steps }`, each the arguments for one run of node, or `{ help: true }`,
 * or `{ fault }` in words.
 */
export function parseCommand([name, ...rest]) {
  if (name === '--help' || name === '-h' || name === 'help') return { help: true };
  if (name === undefined) return { fault: 'a command is missing.' };
  if (name === 'exec') {
    return rest.length > 0 ? { steps: [rest] } : { fault: 'exec needs a file to run.' };
  }
  if (!Object.hasOwn(STEPS, name)) return { fault: `there is no command '${name}'.` };
  const last = STEPS[name].length - 1;
  return { steps: STEPS[name].map((step, at) => (at === last ? [...step, ...rest] : step)) };
}
