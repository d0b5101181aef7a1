import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { createLogger, GroupInUse, readSettings, StreamsGroup, type Settings } from '#kit';
import { changelogTopic, topicName } from '#streams/graph/topology';
import { instanceFolder, openInstance } from '#streams/runtime/instance';
import { alertHost } from '../host.ts';
import { parseInstant } from './instants.ts';
import { paint, UsageError, type ExitCode, type Io } from './io.ts';
import { printable } from './text.ts';

export interface ResetOptions {
  readonly to: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function resetCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('reset')
    .summary('lets the service begin again from an earlier place')
    .description(
      "Like Kafka's application reset tool: moves the committed positions of the inputs, deletes the internal topics (changelogs), and this machine's local state. Refuses while the service runs anywhere.",
    )
    .requiredOption(
      '--to <instant>',
      'earliest, or the first records appended at or after an instant: ISO or ms',
    )
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--json', 'what is done as one JSON object')
    .addHelpText(
      'after',
      `
Then start the service: it reads from there on, with no state, and publishes alerts again, with the same alertIds as before.
An order whose first records are before the place is known from there on only: go back by RETENTION_MS to know it all.
On other machines that have run the service, delete STATE_DIR/APPLICATION_ID before it is started there.
Interrupted or failed on the way, run it again. Input and alert topics are left as they are.

Exit code 1: the service runs, or there is nothing of it.

Examples:
  $ kafka-alert reset --to earliest --dry-run
  $ kafka-alert reset --to 2024-02-01T12:00:00Z
  $ APPLICATION_ID=my-alerts STATE_DIR=/var/lib/kafka-alert kafka-alert reset --to earliest`,
    )
    .action((options: ResetOptions) => {
      act((io) => reset(options, io));
    });
}

/** What a reset does, in this order: until the last step is done, it can be done again. */
export interface ResetPlan {
  readonly group: string;
  readonly positions: readonly {
    readonly topic: string;
    readonly partition: number;
    /** Null: nothing was committed. */
    readonly from: number | null;
    readonly to: number;
  }[];
  readonly deletedTopics: readonly string[];
  readonly deletedFolders: readonly string[];
}

/** Resets; 1 when the service runs, or was never there. */
export async function reset(options: ResetOptions, io: Io): Promise<ExitCode> {
  const to = parseInstant('--to', options.to, { earliest: 'earliest' } as const);
  if (typeof to === 'number' && to > io.now())
    throw new UsageError(`--to: "${options.to}" is in the future`);
  const settings = readSettings(io);
  const logger = createLogger({ name: 'kafka-alert', level: 'silent' });
  await using group = await StreamsGroup.open(settings, 'kafka-alert-reset', logger);

  const members = await group.members();
  if (members.length > 0) {
    const hosts = [...new Set(members.map(({ address, clientHost }) => address ?? clientHost))];
    return refuse(
      `${settings.applicationId} runs: ${String(members.length)} member(s) at ${hosts.join(', ')}. Stop it first (one that was killed is a member until its session is over, 10 s)`,
      io,
    );
  }
  const plan = await planOf(group, settings, to, io);
  if (plan.deletedTopics.length === 0 && plan.positions.every(({ from }) => from === null)) {
    return refuse(
      `there is no group ${settings.applicationId} to be reset; is that its name (APPLICATION_ID)?`,
      io,
    );
  }
  const inUse = await inUseBy(plan, settings, io);
  if (inUse !== undefined) return refuse(inUse, io);

  print(plan, options, io);
  if (options.dryRun) {
    io.stderr.write('nothing was changed (--dry-run)\n');
    return 0;
  }
  io.interrupted.throwIfAborted();
  try {
    // Positions first: were they last, a service started in between would have lost its state and go on where it was.
    await group.moveTo(plan.positions);
  } catch (error) {
    if (!(error instanceof GroupInUse)) throw error;
    return refuse(`${error.message}: it was just started. Nothing was changed`, io);
  }
  await deleteTopics(group, plan.deletedTopics);
  for (const folder of plan.deletedFolders) await rm(folder, { recursive: true, force: true });
  io.stderr.write(`${settings.applicationId} is reset; its next start begins there\n`);
  return 0;
}

async function planOf(
  group: StreamsGroup,
  settings: Settings,
  to: 'earliest' | number,
  io: Io,
): Promise<ResetPlan> {
  const { topology, applicationId } = alertHost(settings);
  const names = [settings.orderTopic, settings.paymentTopic];
  const inputs = await group.inputs(names);
  const targets = new Map<string, number>();
  for (const topic of to === 'earliest' ? [] : names) {
    for (const { partition, offset } of await group.admin.fetchTopicOffsetsByTimestamp(
      topic,
      to as number,
    ))
      targets.set(`${topic}-${String(partition)}`, Number(offset));
  }
  const existing = new Set(await group.admin.listTopics());
  const internal = [
    ...topology.stores.map(({ name }) => changelogTopic(applicationId, name)),
    ...topology.sources
      .filter(({ repartition }) => repartition)
      .map((source) => topicName(applicationId, source)),
  ];
  const folder = resolve(io.cwd, instanceFolder(settings.stateDir, applicationId));
  return {
    group: applicationId,
    positions: inputs.map(({ topic, partition, position, earliest, end }) => ({
      ...{ topic, partition, from: position },
      to: Math.min(targets.get(`${topic}-${String(partition)}`) ?? earliest, end),
    })),
    deletedTopics: internal.filter((name) => existing.has(name)),
    deletedFolders: existsSync(folder) ? [folder] : [],
  };
}

const DELETED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** Resolves when they are gone: a service started before that would find them, and lose them. */
async function deleteTopics({ admin }: StreamsGroup, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return;
  await admin.deleteTopics({ topics: [...topics] });
  const deadline = Date.now() + DELETED_WITHIN_MS;
  for (;;) {
    const existing = new Set(await admin.listTopics());
    const left = topics.filter((name) => existing.has(name));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(
        `the broker still has ${left.join(', ')}, which it was told to delete; run it again`,
      );
    await delay(LOOK_EVERY_MS);
  }
}

/** Why the local state can't be deleted: a process has it that is not in the group, or not yet. */
async function inUseBy(
  { deletedFolders }: ResetPlan,
  { stateDir, applicationId }: Settings,
  io: Io,
): Promise<string | undefined> {
  if (deletedFolders.length === 0) return undefined;
  try {
    const instance = await openInstance(resolve(io.cwd, stateDir), applicationId);
    await instance.close();
    return undefined;
  } catch (error) {
    return `${deletedFolders.join()} is in use: ${(error as Error).message}`;
  }
}

function print(plan: ResetPlan, options: ResetOptions, io: Io): void {
  if (options.json) {
    io.stdout.write(`${JSON.stringify(plan)}\n`);
    return;
  }
  const painted = paint(io, io.stdout);
  const width = Math.max(...plan.positions.map(({ topic }) => topic.length)) + 5;
  const lines = [
    painted('bold', `group ${plan.group}`),
    ...plan.positions.map(({ topic, partition, from, to }) => {
      const at = `${printable(topic)}-${String(partition)}`.padEnd(width);
      return `  ${at} ${(from === null ? 'none' : String(from)).padStart(10)} → ${String(to)}`;
    }),
    ...plan.deletedTopics.map((name) => `  delete topic ${name}`),
    ...plan.deletedFolders.map((folder) => `  delete folder ${folder}`),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}

function refuse(why: string, io: Io): ExitCode {
  io.stderr.write(`kafka-alert: ${why}\n`);
  return 1;
}
