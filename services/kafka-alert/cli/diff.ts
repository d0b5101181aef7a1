import type { Command } from 'commander';
import { createLogger, NoSuchHistory, openHistory, readSettings, type Settings } from '#kit';
import { SchemaRegistry, type AlertRaised } from '#schemas';
import { alertTopics } from './alert-topics.ts';
import { compareAlerts, type Difference } from './differences.ts';
import { differenceLine, differenceRow, differenceHead } from './difference-rows.ts';
import { parseRange, type EventRange, type RangeOptions } from './event-range.ts';
import { paint, UsageError, type ExitCode, type Io } from './io.ts';
import { replayRange } from './replay-range.ts';

export interface DiffOptions extends RangeOptions {
  readonly graceMs?: string;
  readonly unknownOrder?: string;
  readonly retentionMs?: string;
  readonly allowedLatenessMs?: string;
  readonly progress?: boolean;
  readonly json?: boolean;
}

export function diffCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('diff')
    .summary('a replay of the topics, compared with the alerts that were published')
    .description(
      'Replays a range as replay does, writing nothing, and compares its alerts with those that the service has published: missing (the replay raises it, and it was not published), extra (it was published, and the replay does not raise it), different (both, but not the same).',
    )
    .requiredOption('--from <instant>', 'begin of the range: earliest, ISO or ms')
    .requiredOption('--to <instant>', 'its end: latest, ISO or ms')
    .option('--warm-up <ms>', 'how long before the range reading begins (default: RETENTION_MS)')
    .option('--grace-ms <ms>', 'replay with another GRACE_MS')
    .option('--unknown-order <on|off>', 'replay with another UNKNOWN_ORDER')
    .option('--retention-ms <ms>', 'replay with another RETENTION_MS')
    .option('--allowed-lateness-ms <ms>', 'replay with another ALLOWED_LATENESS_MS')
    .option('--progress', 'show on stderr how far it is, also where that is no terminal')
    .option('--json', 'one JSON object a line, as it is anyway when stdout is no terminal')
    .addHelpText(
      'after',
      `
A replay knows records that came late only as late as they came: what differs in a range with late records need not be wrong.

Exit code 1: there are differences.

Examples:
  $ kafka-alert diff --from 2024-02-01T00:00:00Z --to 2024-02-02T00:00:00Z
  $ kafka-alert diff --from earliest --to latest --grace-ms 600000
  $ kafka-alert diff --from 2024-02-01T00:00:00Z --to latest --unknown-order off --json | jq -r .difference | sort | uniq -c`,
    )
    .action((options: DiffOptions) => {
      act((io) => diff(options, io));
    });
}

/** Compares a replay with what was published; 1 when they differ. */
export async function diff(options: DiffOptions, io: Io): Promise<ExitCode> {
  const range = parseRange(options, io);
  const settings = readSettings(io);
  const other = readSettings({ ...io, env: { ...io.env, ...overridden(options) } });
  const published = await readPublished(range, settings, io);
  // With a longer grace the same alert comes later: that is another alert, and none that is missing.
  const until = range.to + Math.max(0, other.graceMs - settings.graceMs);
  const replayed = await replayRange(range, other, io, { until, progress: options.progress });

  const { differences, same } = compareAlerts(published, replayed.alerts, range);
  print(differences, options, io);
  const count = (kind: Difference['difference']) =>
    String(differences.filter(({ difference }) => difference === kind).length);
  io.stderr.write(
    `${String(same)} the same, ${count('missing')} missing, ${count('extra')} extra, ${count('different')} different\n`,
  );
  return differences.length === 0 ? 0 : 1;
}

/** Options are checked as the settings that they stand for. */
function overridden(options: DiffOptions): Record<string, string> {
  const given = {
    GRACE_MS: options.graceMs,
    UNKNOWN_ORDER: options.unknownOrder,
    RETENTION_MS: options.retentionMs,
    ALLOWED_LATENESS_MS: options.allowedLatenessMs,
  };
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The alerts that were published from the range on: none is detected after it is published. */
async function readPublished(
  range: EventRange,
  settings: Settings,
  io: Io,
): Promise<readonly AlertRaised[]> {
  await using history = await openHistory({
    kafka: settings.kafka,
    schemas: new SchemaRegistry({ url: settings.schemaRegistryUrl }),
    clientId: 'kafka-alert-diff',
    topics: [alertTopics(settings).alertRaised],
    logger: createLogger({ name: 'kafka-alert', level: 'silent' }),
    signal: io.interrupted,
  }).catch((error: unknown) => {
    if (error instanceof NoSuchHistory)
      throw new UsageError(`${error.message}; see ALERT_TOPIC and KAFKA_BROKERS`);
    throw error;
  });
  const alerts: AlertRaised[] = [];
  // With another grace they are detected at other instants: those around the range are looked at, too.
  const from = range.from === -Infinity ? 'earliest' : Math.max(0, range.from - settings.graceMs);
  for await (const { read } of history.read(await history.ranges(from))) {
    if ('problem' in read) io.stderr.write(`left out: ${read.problem}\n`);
    else alerts.push(read.value as AlertRaised);
  }
  return alerts;
}

function print(differences: readonly Difference[], options: DiffOptions, io: Io): void {
  const { stdout } = io;
  if (options.json || !stdout.isTTY) {
    for (const each of differences) stdout.write(`${differenceLine(each)}\n`);
    return;
  }
  if (differences.length === 0) return;
  const painted = paint(io, stdout);
  stdout.write(`${differenceHead(painted)}\n`);
  for (const each of differences) stdout.write(`${differenceRow(each, painted)}\n`);
}
