/** `npm run demo`: orders through the running services, with a provider that is not always well. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLogger, readAllSettings, SettingsError, variables } from '#kit';
import { SHARES } from './plan.ts';
import { runDemo, type DemoProgress } from './run.ts';
import type { Verdict } from './verify.ts';

const HELP = `Usage: npm run demo [-- options]

Places orders, pays them at the provider's sandbox, and checks what became of each: its state, its
stock, the alerts and the 60-second objective. 10% of the webhooks are lost, 10% come twice, 5% late;
5% of the payments are declined, 5% expire. Needs a running npm start.

  --orders N   how many (default: 1000)
  --rate N     orders a second (default: 25)
  --json       one line of JSON on stdout instead of a table

Exit code 0 when all is as it is to be, 1 when it is not.

Examples:
  npm run demo
  npm run demo -- --orders 50 --json
`;

const MINUTE_MS = 60_000;
const QUIET_MS = 5000;

class UsageError extends Error {}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '25' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { settings, own } = readAllSettings(
    { PAYPAY_URL: variables.httpUrl().prefault('http://127.0.0.1:18095') },
    { env: process.env, cwd: process.cwd() },
  );
  const interrupted = new AbortController();
  process.once('SIGINT', () =>
    interrupted.abort(new Error('interrupted; orders go on without it')),
  );
  const verdict = await runDemo({
    settings,
    sandboxUrl: own.PAYPAY_URL,
    orders: whole('--orders', values.orders, 100_000),
    rate: whole('--rate', values.rate, 10_000),
    shares: SHARES,
    patienceMs: 3 * MINUTE_MS,
    quietMs: QUIET_MS,
    random: Math.random,
    now: Date.now,
    sleep: async (ms, signal) => {
      await delay(ms, undefined, signal && { signal }).catch(() => undefined);
    },
    signal: interrupted.signal,
    onProgress: progress(),
    logger: createLogger({ name: 'demo', level: 'silent' }),
  });
  process.stdout.write(values.json ? `${JSON.stringify(verdict)}\n` : table(verdict));
  return verdict.faults.length === 0 ? 0 : 1;
}

function whole(option: string, value: string, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new UsageError(`${option}: "${value}" is no whole number from 1 to ${most}`);
}

function progress(): (progress: DemoProgress) => void {
  let toldAt = 0;
  return ({ placed, ended, settled, alerts, orders }) => {
    const line = `${placed} of ${orders} orders placed, ${ended} ended, ${settled} with their stock, ${alerts} alerts`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else if (Date.now() - toldAt > 5000) {
      toldAt = Date.now();
      process.stderr.write(`${line}\n`);
    }
  };
}

const MOST_FAULTS = 20;

function table(verdict: Verdict): string {
  const rows: [string, string][] = [
    ['orders', String(verdict.orders)],
    ['PAID', String(verdict.paid)],
    ['FAILED', String(verdict.failed)],
    ['alerts', String(verdict.alerts)],
    ['PAID within 60 s', `${(100 * verdict.withinObjective).toFixed(1)} %`],
    ['slowest', `${verdict.slowestSeconds.toFixed(1)} s`],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(18)} ${value.padStart(8)}`);
  const shown = verdict.faults.slice(0, MOST_FAULTS).map((fault) => `  ${fault}`);
  const more = verdict.faults.length - shown.length;
  const ending =
    shown.length === 0
      ? ['Every order is as it is to be, and the stock adds up.']
      : [
          `${verdict.faults.length} thing(s) are not as they are to be:`,
          ...shown,
          ...(more > 0 ? [`  … and ${more} more`] : []),
        ];
  return `\n${lines.join('\n')}\n\n${ending.join('\n')}\n`;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`\n${(error as Error).message}\n`);
  const isUsage =
    error instanceof SettingsError || error instanceof UsageError || error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
