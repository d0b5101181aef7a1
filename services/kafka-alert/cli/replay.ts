import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import type { Command } from 'commander';
import { readSettings, type Settings } from '#kit';
import { renamed, topics, type AvroTopic } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { kafkaAlert } from '#topology/kafka-alert';
import { printAlerts } from './alert-lines.ts';
import { alertTopics } from './alert-topics.ts';
import { parseEvent, type InputEvent } from './events.ts';
import { parseInstant } from './instants.ts';
import { UsageError, type ExitCode, type Io } from './io.ts';
import { readLines, type Line } from './lines.ts';
import { Progress } from './progress.ts';
import { replayTopics, type TopicsReplayOptions } from './replay-topics.ts';

export interface ReplayOptions extends TopicsReplayOptions {
  /** A path, or `-` for stdin. */
  readonly file?: string;
  readonly asOf?: string;
  readonly skipBad?: boolean;
}

type FileReplayOptions = ReplayOptions & { readonly file: string };

export const REPLAY_HELP = `
Of the topics: committed records only, with an application id and a state folder of its own; no group joins, nothing is
committed, and nothing is written but with --publish. A range is in event time, both ends included: the alerts that were
detected in it are reported. What orders had been through before it is read, too (--warm-up); records that came more than
a grace after its end are not.

Input of a file, one JSON object a line, read in line order:
  {"topic":"payment-status-observed","key":"ORD-1","value":{"orderNo":"ORD-1",…}}
with the field names of schemas/*.avsc; times are ISO-8601 with a zone, or epoch milliseconds.
Settings that count: GRACE_MS, RETENTION_MS, UNKNOWN_ORDER, ALLOWED_LATENESS_MS, ORDER_TOPIC, PAYMENT_TOPIC.

Examples:
  $ kafka-alert replay --from 2024-02-01T00:00:00Z --to 2024-02-02T00:00:00Z > alerts.jsonl
  $ GRACE_MS=600000 kafka-alert replay --from earliest --to latest | wc -l
  $ kafka-alert replay --from 2024-02-01T00:00:00Z --to latest --publish alerts-again
  $ kafka-alert replay --file events.jsonl --as-of end
  $ GRACE_MS=60000 kafka-alert replay --file events.jsonl --as-of 2024-02-01T12:30:00Z --resolved
  $ zcat events.jsonl.gz | kafka-alert replay --file - --as-of end --progress > alerts.jsonl`;

export function replayCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('replay')
    .summary('what the alerts would have been, of a range of the topics, or a file of events')
    .description(
      'Runs the real topology beside the live service over a range of the topics (--from, --to), or without a broker over JSON lines (--file), and prints one alert a line once all is read.',
    )
    .option('--from <instant>', 'begin of the range: earliest, ISO or ms')
    .option('--to <instant>', 'its end: latest, ISO or ms')
    .option('--warm-up <ms>', 'how long before the range reading begins (default: RETENTION_MS)')
    .option('--publish <topic>', 'also write the alerts to a topic; not to one of the service')
    .option('--file <path>', 'JSON lines; - for stdin')
    .option(
      '--as-of <instant>',
      'with --file: how far time goes on after the last line: ISO, ms, now or end (default: now)',
    )
    .option('--skip-bad', 'with --file: leave out lines that can not be read, and count them')
    .option('--resolved', 'also print the resolutions; every line then has a type')
    .option('--progress', 'show on stderr how far it is, also where that is no terminal')
    .addHelpText('after', REPLAY_HELP)
    .action((options: ReplayOptions) => {
      act((io) => replay(options, io));
    });
}

/** More make the commit cheaper for each, and what is buffered larger. */
const RECORDS_PER_COMMIT = 2_000;

/**
 * Runs the topology over the topics or a file; prints alerts once everything was read.
 *
 * @throws {UsageError} for a range, file, line, option or setting that can't be used
 */
export function replay(options: ReplayOptions, io: Io): Promise<ExitCode> {
  const { file, asOf, skipBad, from, to, warmUp, publish } = options;
  const ofTopics = { '--from': from, '--to': to, '--warm-up': warmUp, '--publish': publish };
  const ofFile = { '--as-of': asOf, '--skip-bad': skipBad };
  const given = Object.entries(file === undefined ? ofFile : ofTopics);
  const stray = given.find(([, value]) => value !== undefined)?.[0];
  if (file !== undefined) {
    if (stray) throw new UsageError(`${stray}: is for topics, not together with --file`);
    return replayFile({ ...options, file }, io);
  }
  if (from === undefined || to === undefined) {
    const missing = from === undefined ? '--from' : '--to';
    const what = from === undefined && to === undefined ? '--from and --to, or --file' : missing;
    throw new UsageError(`what is to be replayed? ${what} is missing`);
  }
  if (stray) throw new UsageError(`${stray}: is for --file, not for topics`);
  return replayTopics(options, io);
}

async function replayFile(options: FileReplayOptions, io: Io): Promise<ExitCode> {
  const asOf = parseInstant('--as-of', options.asOf ?? 'now', { now: io.now(), end: Infinity });
  const settings = readSettings(io);
  const inputs = {
    orderStatusChanged: renamed(topics.orderStatusChanged, settings.orderTopic),
    paymentStatusObserved: renamed(topics.paymentStatusObserved, settings.paymentTopic),
  };
  const source = new Source(options, io);
  await source.check();

  const folder = await mkdtemp(join(tmpdir(), 'kafka-alert-replay-'));
  try {
    const driver = await openDriver(settings, inputs, folder, asOf);
    try {
      let uncommitted = 0;
      const known = Object.values(inputs);
      for await (const { topic, value } of source.events(known)) {
        driver.pipe(topic, value);
        if (++uncommitted % RECORDS_PER_COMMIT === 0) driver.commit();
      }
      driver.advanceWatermarkTo(asOf);
      driver.commit();
      source.finish();
      const { alertRaised, alertResolved } = alertTopics(settings);
      const alerts = driver.read(alertRaised).map(({ value }) => value);
      const resolutions = driver.read(alertResolved).map(({ value }) => value);
      printAlerts(alerts, options.resolved ? resolutions : undefined, io);
    } finally {
      await driver.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return 0;
}

function openDriver(
  settings: Settings,
  inputs: Pick<typeof topics, 'orderStatusChanged' | 'paymentStatusObserved'>,
  stateDir: string,
  asOf: number,
): Promise<TopologyTestDriver> {
  const { graceMs, retentionMs, unknownOrder, allowedLatenessMs } = settings;
  const topology = kafkaAlert({
    graceMs,
    retentionMs,
    unknownOrder,
    topics: { ...alertTopics(settings), ...inputs },
  });
  return TopologyTestDriver.open(topology, {
    stateDir,
    wallClock: asOf,
    allowedLatenessMs,
    autoCommit: false,
  });
}

/** The events of the file, with what is wrong with its lines. */
class Source {
  readonly #options: FileReplayOptions;
  readonly #io: Io;
  #progress: Progress | undefined;
  #skipped = 0;

  constructor(options: FileReplayOptions, io: Io) {
    this.#options = options;
    this.#io = io;
  }

  /** @throws {UsageError} when there is no such file */
  async check(): Promise<void> {
    const { file, progress } = this.#options;
    let size: number | undefined;
    if (file !== '-') {
      const info = await stat(file).catch((error: unknown) => {
        throw new UsageError(`--file ${file}: can not be read: ${(error as Error).message}`);
      });
      if (info.isDirectory()) throw new UsageError(`--file ${file}: is a folder, not a file`);
      if (info.isFile()) size = info.size;
    }
    if (progress) this.#progress = new Progress(this.#io, size);
  }

  async *events(known: readonly AvroTopic<unknown>[]): AsyncGenerator<InputEvent> {
    for await (const lines of readLines(this.#chunks())) {
      for (const line of lines) {
        const event = this.#parse(line, known);
        if (event) yield event;
      }
      this.#progress?.addLines(lines.length);
    }
  }

  /** Says what there is to say about the whole. */
  finish(): void {
    this.#progress?.finish();
    if (this.#options.skipBad) {
      this.#io.stderr.write(`${String(this.#skipped)} line(s) skipped\n`);
    }
  }

  #parse(line: Line, known: readonly AvroTopic<unknown>[]): InputEvent | undefined {
    try {
      if (line.text === undefined) throw new Error('is not UTF-8');
      return parseEvent(line.text, known);
    } catch (error) {
      const name = this.#options.file === '-' ? 'stdin' : this.#options.file;
      const problem = `${name}:${String(line.number)}: ${(error as Error).message}`;
      if (!this.#options.skipBad) {
        throw new UsageError(`${problem}\nmend the line, or leave such lines out with --skip-bad`);
      }
      this.#skipped += 1;
      if (this.#skipped <= SHOWN_SKIPS) this.#io.stderr.write(`skipped ${problem}\n`);
      return undefined;
    }
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    const { file } = this.#options;
    const source =
      file === '-' ? this.#io.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
    const stream = addAbortSignal(this.#io.interrupted, source);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#progress?.addBytes(chunk.length);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) {
        throw new UsageError(`--file ${file}: can not be read: ${error.message}`);
      }
      throw error;
    }
  }
}

const CHUNK_BYTES = 1 << 20;
/** Of lines that are skipped, how many are said. */
const SHOWN_SKIPS = 10;
