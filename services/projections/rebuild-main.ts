/** `npm run rebuild -- orders`: read models dropped, and built again from the topics. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLogger, readAllSettings, SettingsError } from '#kit';
import { allProjections } from './all.ts';
import { rebuild } from './rebuild.ts';
import { projectionVariables } from './settings.ts';

const HELP = `Usage: npm run rebuild -- NAME [NAME …]

Drops the tables of read models, and has the running services build them again from the first event on.
Shows progress on stderr, and one line of JSON per read model on stdout.

  orders     orders with lines, status history and payment observations
  accounts   accounts, without credentials
  stock      stock by sku
  products   products as they are sold
  alerts     alerts with their life, and the audit
  all        all of them

Example:
  npm run rebuild -- orders stock
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { settings, own } = readAllSettings(projectionVariables, {
    env: process.env,
    cwd: process.cwd(),
  });
  const known = allProjections(settings);
  const wanted = positionals.includes('all') ? known.map(({ name }) => name) : positionals;
  const unknown = wanted.filter((name) => !known.some((each) => each.name === name));
  if (wanted.length === 0 || unknown.length > 0) {
    const what = unknown.length > 0 ? `there is no read model ${unknown.join(', ')}` : 'name one';
    process.stderr.write(`${what}\n\n${HELP}`);
    return 2;
  }
  for (const name of wanted) {
    const done = await rebuild({
      projection: known.find((each) => each.name === name)!,
      url: own.MYSQL_URL,
      kafka: settings.kafka,
      logger: createLogger({ name: 'rebuild', level: 'silent' }),
      sleep: (ms) => delay(ms),
      now: Date.now,
      onProgress: progressOf(name),
    });
    process.stdout.write(`${JSON.stringify(done)}\n`);
  }
  return 0;
}

/** A bar that moves on a terminal, a line every two seconds elsewhere. */
function progressOf(name: string): (done: number, of: number) => void {
  let toldAt = 0;
  return (done, of) => {
    const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
    const line = `${name}: ${percent} % (${done} of ${of} offsets)`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line}${percent === 100 ? '\n' : ''}`);
    else if (Date.now() - toldAt > 2000 || percent === 100) {
      toldAt = Date.now();
      process.stderr.write(`${line}\n`);
    }
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  const isUsage = error instanceof SettingsError || error instanceof TypeError;
  process.exitCode = isUsage ? 2 : 1;
}
