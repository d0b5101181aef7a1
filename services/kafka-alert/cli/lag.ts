import type { Command } from 'commander';
import { createLogger, StreamsGroup, type CommittedInput, type StreamsMember } from '#kit';
import { paint, UsageError, type ExitCode, type Io } from './io.ts';
import { readServiceUrl } from './service-url.ts';
import { liveTasks, type LiveTask } from './task-metrics.ts';
import { printable, shortDuration, shortTime } from './text.ts';

export interface LagOptions {
  readonly maxLag?: string;
  readonly url?: string;
  readonly json?: boolean;
}

export function lagCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('lag')
    .summary('how far the service is, partition by partition')
    .description(
      "Shows, for each partition of the inputs, where kafka-alert is, where the partition ends, what is between, and how far the task's watermark is behind the wall clock. Asks Kafka, so that it also says so of a service that is down; timers and the watermark of this moment come from the instances that answer.",
    )
    .option('--max-lag <records>', 'exit code 1 when a partition is further behind')
    .option('--url <url>', 'an instance to ask besides those that the group knows')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Exit code 1: a partition is further behind than --max-lag, or the group does not exist.

Examples:
  $ kafka-alert lag
  $ kafka-alert lag --max-lag 1000 || echo "kafka-alert is behind"
  $ kafka-alert lag --json | jq '[.partitions[].lag] | add'`,
    )
    .action((options: LagOptions) => {
      act((io) => lag(options, io));
    });
}

/** A partition of an input with what is known of its task. */
export interface PartitionLag extends Omit<CommittedInput, 'earliest'> {
  readonly task: string;
  /** Behind the wall clock; null: there is no watermark yet. */
  readonly watermarkDelayMs: number | null;
  readonly timers: number | null;
  /** Whether an instance has answered for the task; else it is as of the last commit. */
  readonly isLive: boolean;
}

/** Shows how far the group is; 1 when that is too far behind, or there is no group. */
export async function lag(options: LagOptions, io: Io): Promise<ExitCode> {
  const maxLag = parseMaxLag(options.maxLag);
  const { settings, url } = readServiceUrl(options.url, io);
  const logger = createLogger({ name: 'kafka-alert', level: 'silent' });
  await using group = await StreamsGroup.open(settings, 'kafka-alert-lag', logger);
  const members = await group.members();
  const inputs = await group.inputs([settings.orderTopic, settings.paymentTopic]);
  if (members.length === 0 && inputs.every(({ position }) => position === null)) {
    io.stderr.write(
      `kafka-alert: group ${settings.applicationId} has no members and has committed nothing; is that its name (APPLICATION_ID)?\n`,
    );
    return 1;
  }
  const addresses = members.flatMap(({ address }) => (address ? [`http://${address}`] : []));
  const asked = options.url === undefined ? addresses : [...addresses, url];
  const { tasks, silent } = await liveTasks([...new Set(asked)], io.interrupted);
  for (const each of silent) io.stderr.write(`no answer from ${each}\n`);

  const partitions = withTasks(inputs, tasks, io.now());
  if (options.json) print(settings.applicationId, members, partitions, io);
  else printTable(settings.applicationId, members, partitions, maxLag, io);
  const behind = partitions.filter((each) => each.lag > maxLag);
  if (behind.length === 0) return 0;
  const names = behind.map(({ topic, partition }) => `${topic}-${String(partition)}`);
  io.stderr.write(`kafka-alert: more than ${String(maxLag)} behind: ${names.join(', ')}\n`);
  return 1;
}

/** One line for each partition of an input; those of one number are one task's. */
export function withTasks(
  inputs: readonly CommittedInput[],
  tasks: ReadonlyMap<string, LiveTask>,
  now: number,
): PartitionLag[] {
  return inputs.map(({ earliest: _, ...input }) => {
    // The topology has one sub-topology.
    const task = `0_${String(input.partition)}`;
    const live = tasks.get(task);
    // Both inputs of a task have it with their commits, and it never goes back.
    const committed = inputs
      .filter(({ partition }) => partition === input.partition)
      .map(({ watermark }) => watermark ?? -Infinity);
    const latest = Math.max(...committed, live?.watermark ?? -Infinity);
    const watermark = latest === -Infinity ? null : latest;
    return {
      ...input,
      task,
      watermark,
      watermarkDelayMs: watermark === null ? null : Math.max(0, now - watermark),
      timers: live?.timers ?? null,
      isLive: live !== undefined,
    };
  });
}

function print(
  group: string,
  members: readonly StreamsMember[],
  partitions: readonly PartitionLag[],
  io: Io,
): void {
  const iso = (time: number | null) => (time === null ? null : new Date(time).toISOString());
  const report = {
    group,
    members: members.map(({ memberId, clientHost, address }) => ({
      ...{ memberId, clientHost, address: address ?? null },
    })),
    totalLag: totalOf(partitions),
    partitions: partitions.map((each) => ({ ...each, watermark: iso(each.watermark) })),
  };
  io.stdout.write(`${JSON.stringify(report)}\n`);
}

const WIDTHS = [44, 10, 10, 10, 21, 12, 10];
const LEFT = new Set([0, 4]);

function printTable(
  group: string,
  members: readonly StreamsMember[],
  partitions: readonly PartitionLag[],
  maxLag: number,
  io: Io,
): void {
  const painted = paint(io, io.stdout);
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (LEFT.has(i) ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!)))
      .join(' ')
      .trimEnd();
  const head = ['partition', 'position', 'end', 'lag', ' watermark (UTC)', 'behind', 'timers'];
  const lines = partitions.map((each) => {
    const { topic, partition, position, end, watermark, watermarkDelayMs, timers } = each;
    const text = row([
      `${printable(topic)}-${String(partition)}`,
      position === null ? 'none' : String(position),
      String(end),
      String(each.lag),
      watermark === null ? ' none' : ` ${shortTime(watermark)}`,
      watermarkDelayMs === null ? '' : shortDuration(watermarkDelayMs),
      timers === null ? '' : String(timers),
    ]);
    if (each.lag > maxLag) return painted('red', text);
    return each.lag > 0 ? painted('yellow', text) : text;
  });
  const hosts = new Set(members.map(({ address, clientHost }) => address ?? clientHost));
  const who =
    members.length === 0
      ? painted('red', 'no members: it is not running')
      : `${String(members.length)} member(s) at ${[...hosts].sort().join(', ')}`;
  const asOf = partitions.every(({ isLive }) => isLive)
    ? ''
    : '\nTimers, and watermarks of this moment, are known of instances that answer only; the others are as of their last commit.';
  io.stdout.write(
    `${group}: ${who}\n\n${painted('bold', row(head))}\n${lines.join('\n')}\n\n${String(totalOf(partitions))} behind in all${asOf}\n`,
  );
}

function totalOf(partitions: readonly PartitionLag[]): number {
  return partitions.reduce((sum, each) => sum + each.lag, 0);
}

function parseMaxLag(text: string | undefined): number {
  if (text === undefined) return Infinity;
  if (!/^\d{1,15}$/.test(text))
    throw new UsageError(`--max-lag: "${text}" is no whole number of records`);
  return Number(text);
}
