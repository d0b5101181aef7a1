/** `npm start`: infrastructure, topics and schemas, services; all of it until Ctrl-C. */
import path from 'node:path';
import { ROOT } from './bootstrap/root.mjs';
import { tryLock } from './bootstrap/lock.mjs';
import { main } from './main.ts';
import { parseOptions } from './options.ts';
import { reporterFor } from './report.ts';
import { Stack } from './stack.ts';
import { firstStopSignal } from './stop-signals.ts';
import { summary } from './summary.ts';

const HELP = `Usage: npm start [-- options]

Installs what is missing, starts the infrastructure, creates topics, registers schemas, starts the
services, and runs until Ctrl-C. Data stays in .local/start for the next time.

  --docker, --native  containers, or processes of this machine, for the infrastructure (default:
                      containers where a Docker engine answers)
  --data FOLDER       keep the data there instead
`;

await main(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(HELP);
  const startedAt = Date.now();
  const dataDir = path.resolve(options.dataDir ?? path.join(ROOT, '.local/start'));
  const lock = tryLock(`${dataDir}.lock`);
  if (!lock.release) {
    throw new Error(
      `npm start runs already on ${dataDir}, as process ${lock.heldBy}. ` +
        `Use that one, or stop it first (Ctrl-C there, or kill ${lock.heldBy}).`,
    );
  }
  const stopped = firstStopSignal(() => process.exit(130));
  const stack = new Stack({ dataDir, mode: options.mode, report: reporterFor(process.stderr) });
  try {
    // Stopped in the middle of the start: the keepers end what is there when this process exits.
    const isUp = await Promise.race([stack.start().then(() => true), stopped.then(() => false)]);
    if (!isUp) return;
    console.log(summary({ stack, dataDir, tookMs: Date.now() - startedAt }));
    await stopped;
    await stack.stop();
  } catch (error) {
    await stack.stop();
    throw error;
  } finally {
    lock.release();
  }
});
