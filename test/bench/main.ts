/** `npm run bench`: measures kafka-alert on a broker of its own, and any other application beside it. */
import { CommanderError } from 'commander';
import { messageOf } from '../../streams/errors.ts';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { plainReporter } from '../../services/launcher/report.ts';
import { firstStopSignal } from '../../services/launcher/stop-signals.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { killAll } from './application.ts';
import { Bed, type Addresses } from './bed.ts';
import { kafkaAlertContender, peerContender } from './contender.ts';
import { machine } from './machine.ts';
import { Idle } from './measurements/idle.ts';
import { Latency } from './measurements/latency.ts';
import type { Measurement } from './measurements/measurement.ts';
import { Projections } from './measurements/projections.ts';
import { PushLatency } from './measurements/push.ts';
import { RestartWithState } from './measurements/restart.ts';
import { Throughput } from './measurements/throughput.ts';
import { parseOptions, type BenchOptions, type MeasurementName } from './options.ts';
import { Progress } from './progress.ts';
import { race, type RaceResult } from './race.ts';
import { isRight, report, reportText, type Report } from './report.ts';

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

const MEASUREMENTS: Readonly<
  Record<MeasurementName, new (bed: Bed, options: BenchOptions) => Measurement>
> = {
  throughput: Throughput,
  latency: Latency,
  restart: RestartWithState,
  idle: Idle,
  projections: Projections,
  push: PushLatency,
};

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === 'number') return options;
  const progress = new Progress(process.stderr);
  const stopped = firstStopSignal(() => process.exit(INTERRUPTED));
  // What is there is taken down in any case, also when the rest is still running.
  const cleanUp = new AsyncDisposableStack();
  try {
    const benchmark = run(options, args, progress, cleanUp);
    const result = await Promise.race([benchmark, stopped]);
    if (typeof result === 'string') {
      // It fails, now that its processes are gone; that is no news.
      benchmark.catch(() => undefined);
      return INTERRUPTED;
    }
    process.stdout.write(
      options.json ? `${JSON.stringify(result, null, 2)}\n` : reportText(result),
    );
    return isRight(result) ? 0 : 1;
  } catch (error) {
    progress.say(`bench: ${messageOf(error)}`);
    if (process.env['LAUNCHER_DEBUG']) console.error(error);
    return 1;
  } finally {
    killAll();
    await cleanUp.disposeAsync().catch((error: unknown) => {
      progress.say(`bench: could not tidy up: ${messageOf(error)}`);
    });
  }
}

async function run(
  options: BenchOptions,
  args: readonly string[],
  progress: Progress,
  cleanUp: AsyncDisposableStack,
): Promise<Report> {
  const bed = Bed.open(await addressesOf(options, progress, cleanUp), progress);
  cleanUp.use(bed);
  const contenders = [
    kafkaAlertContender,
    ...(options.peer === undefined ? [] : [peerContender(options.peer)]),
  ];
  const facts = machine(args, new Date());
  const results: RaceResult[] = [];
  for (const name of options.only) {
    await using measurement = new MEASUREMENTS[name](bed, options);
    const racing = measurement.isOursAlone ? [kafkaAlertContender] : contenders;
    results.push(await race(measurement, racing, options.runs, progress));
  }
  return report(facts, results);
}

async function addressesOf(
  options: BenchOptions,
  progress: Progress,
  cleanUp: AsyncDisposableStack,
): Promise<Addresses> {
  if (options.addresses) return options.addresses;
  const infra: Infra = await startInfra({
    dataDir: testFolder(),
    components: ['kafka', 'registry'],
    temporary: true,
    // As `npm start` has it: a broker that is made to start quickly would be what is measured.
    purpose: 'start',
    report: plainReporter((line) => progress.say(line)),
  });
  cleanUp.defer(() => infra.stop());
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registry } = infra.addresses;
  if (brokers === undefined || registry === undefined)
    throw new Error('the infrastructure has started without telling its addresses');
  return { brokers, registry };
}

/** The options, or the exit code when there is nothing to be run. */
function optionsOf(args: readonly string[]): BenchOptions | number {
  try {
    return parseOptions(args);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}
