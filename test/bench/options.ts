import { Command, InvalidArgumentError, Option } from 'commander';
import { templateFault } from './template.ts';

/** What is measured unless others are asked for: kafka-alert, and a peer beside it. */
export const MEASUREMENTS = ['throughput', 'latency', 'restart', 'idle'] as const;
/** Of the shop around it; by their names only. */
export const FURTHER = ['projections', 'push'] as const;
export type MeasurementName = (typeof MEASUREMENTS | typeof FURTHER)[number];

export interface BenchOptions {
  readonly json: boolean;
  readonly only: readonly MeasurementName[];
  /** Of the load for throughput; a bit over four records each. */
  readonly orders: number;
  /** Of the state that is restarted with. */
  readonly keys: number;
  readonly runs: number;
  readonly threads: readonly number[];
  readonly liveSeconds: number;
  readonly idleSeconds: number;
  /** Undefined: an own broker and registry. */
  readonly addresses: { readonly brokers: string; readonly registry: string } | undefined;
  /** Template of a peer's command line. */
  readonly peer: string | undefined;
}

const HELP = `
A peer is an application that reads and writes the same topics in the same formats; its command is run by a shell, in turn with
kafka-alert: ours, peer, ours, peer … In it these are filled in:

  {brokers} {registry}          HOST:PORT, and the registry's URL (Confluent's API)
  {application}                 application id; the offsets of this group are what its progress is told by
  {orders} {payments}           input topics
  {alerts} {resolved}           output topics
  {stateDir}                    a folder that is its own, and kept over restarts
  {threads} {lateness}          threads, and the allowed lateness in ms

Examples:
  $ npm run bench
  $ npm run bench -- --only throughput --orders 100000 --runs 5
  $ npm run bench -- --only projections,push
  $ npm run bench -- --json > figures.json
  $ npm run bench -- --peer 'java -Xmx1g -jar peer.jar bootstrap.servers={brokers} application.id={application}
      schema.registry.url={registry} orders={orders} payments={payments} alerts={alerts} resolved={resolved}
      state.dir={stateDir} num.stream.threads={threads} lateness.ms={lateness}'

Exit codes: 0 done, 1 something failed or a run had a wrong outcome, 2 wrong use.`;

/**
 * Reads the command line.
 *
 * @throws {CommanderError} when it is wrong (exit code 1) or asks for help (0); both have been said by then
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const program = new Command('npm run bench --')
    .description(
      'Measures kafka-alert: throughput, latency, restarts, and what it needs when idle.',
    )
    .option('--json', 'only JSON on stdout')
    .addOption(
      new Option('--only <list>', 'only these, separated by commas')
        .argParser((list) => list.split(',').map(measurement))
        .default(MEASUREMENTS, MEASUREMENTS.join(',')),
    )
    .option('--orders <count>', 'orders of the load for throughput', count, 900_000)
    .option('--keys <count>', 'keys of state for the restart', count, 1_000_000)
    .option('--runs <count>', 'how often each is measured', count, 3)
    .addOption(
      new Option('--threads <list>', 'thread counts for throughput')
        .argParser((list) => list.split(',').map((each) => count(each)))
        .default([1, 2], '1,2'),
    )
    .option('--live-seconds <count>', 'how long latencies are measured', count, 20)
    .option('--idle-seconds <count>', 'how long idleness is measured', count, 20)
    .option('--brokers <list>', 'running brokers of this machine, with --registry', localBrokers)
    .option('--registry <url>', 'running schema registry of this machine', localUrl)
    .option('--peer <command>', 'template of a command to be run beside', peerTemplate)
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help says how)')
    .exitOverride();
  program.parse(args, { from: 'user' });
  const { brokers, registry, json, ...given } = program.opts<Given>();
  if ((brokers === undefined) !== (registry === undefined))
    program.error('error: --brokers and --registry are given together, or neither');
  const addresses =
    brokers === undefined || registry === undefined ? undefined : { brokers, registry };
  return { ...given, json: json ?? false, addresses, peer: given.peer };
}

type Given = Omit<BenchOptions, 'json' | 'addresses'> & {
  readonly json?: boolean;
  readonly brokers?: string;
  readonly registry?: string;
};

function measurement(name: string): MeasurementName {
  const all = [...MEASUREMENTS, ...FURTHER];
  const known = all.find((each) => each === name.trim());
  if (!known) throw new InvalidArgumentError(`Known are ${all.join(', ')}.`);
  return known;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return value;
}

/** Load goes to this machine only: by mistake, a shop's brokers would get millions of records. */
function localBrokers(list: string): string {
  for (const address of list.split(',')) {
    const host = /^(.+):\d+$/.exec(address.trim())?.[1];
    if (host === undefined) throw new InvalidArgumentError('HOST:PORT is needed.');
    if (!isLoopback(host)) throw new InvalidArgumentError(`${host} is not this machine.`);
  }
  return list;
}

function localUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new InvalidArgumentError('An address such as http://127.0.0.1:8081 is needed.');
  if (!isLoopback(url.hostname))
    throw new InvalidArgumentError(`${url.hostname} is not this machine.`);
  return text;
}

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

function peerTemplate(template: string): string {
  const fault = templateFault(template);
  if (fault !== undefined) throw new InvalidArgumentError(`It ${fault}.`);
  return template;
}
