/** `npm run infra`: the infrastructure in the foreground, its addresses as one JSON object on stdout. */
import path from 'node:path';
import { startInfra } from './infra.ts';
import { main } from './main.ts';
import { parseOptions } from './options.ts';
import { reporterFor } from './report.ts';
import { firstStopSignal } from './stop-signals.ts';
import { testFolder } from './test-folder.ts';

const HELP = `Usage: npm run infra -- [options]

Starts the infrastructure, prints one line of JSON with its addresses on stdout when all is ready,
and runs until Ctrl-C. Progress goes to stderr.

  --only kafka,registry  only these (kafka, registry, mysql, redis, elasticsearch)
  --brokers N            N Kafka brokers, a cluster that outlives the loss of one (default: 1)
  --data FOLDER          keep the data there; otherwise it is gone at the end
  --docker, --native     containers, or processes of this machine (default: containers where a
                         Docker engine answers)
`;

await main(async () => {
  const options = parseOptions(process.argv.slice(2), { only: true });
  if (options.help) return void process.stdout.write(HELP);
  const report = reporterFor(process.stderr);
  const stopped = firstStopSignal(() => process.exit(130));
  const starting = startInfra({
    dataDir: options.dataDir === undefined ? testFolder() : path.resolve(options.dataDir),
    temporary: options.dataDir === undefined,
    components: options.components,
    kafkaBrokers: options.kafkaBrokers,
    mode: options.mode,
    ports: 'preferred',
    report,
  });
  // Stopped in the middle of the start: the keeper ends what is there when this process exits.
  const infra = await Promise.race([starting, stopped.then(() => undefined)]);
  if (!infra) return;
  process.stdout.write(`${JSON.stringify(infra.addresses)}\n`);
  await stopped;
  await infra.stop();
});
