import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import type { Command } from 'commander';
import { readSettings, type Settings } from '#kit';
import { renamed, topics, type AlertRaised, type AlertResolved, type AvroTopic } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { kafkaAlert } from '#topology/kafka-alert';
import { alertLines, typedLines } from './alert-lines.ts';
import { parseEvent, type InputEvent } from './events.ts';
import { parseInstant } from './instants.ts';
import { UsageError, type ExitCode, type Io } from './io.ts';
import { readLines, type Line } from './lines.ts';
import { Progress } from './progress.ts';

export interface ReplayOptions {
  /** A path, or `-` for stdin. */
  readonly file: string;
  readonly asOf?: string;
  readonly resolved?: boolean;
  readonly progress?: boolean;
  readonly skipBad?: boolean;
}

export const REPLAY_HELP = `
Input, one JSON object a line, read in line order:
  {"topic":"payment-status-observed","key":"ORD-1","value":{"orderNo":"ORD-1",…}}
with the field names of schemas/*.avsc; times are ISO-8601 with a zone, or epoch milliseconds.
Settings that count: GRACE_MS, RETENTION_MS, UNKNOWN_ORDER, ALLOWED_LATENESS_MS, ORDER_TOPIC, PAYMENT_TOPIC.

Examples:
  $ kafka-alert replay --file events.jsonl --as-of end
  $ GRACE_MS=60000 kafka-alert replay --file events.jsonl --as-of 2024-02-01T12:30:00Z --resolved
  $ zcat events.jsonl.gz | kafka-alert replay --file - --as-of end --progress > alerts.jsonl`;

export function replayCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('replay')
    .summary('what the alerts would have been, from a file of events')
    .description(
      'Runs the real topology over JSON lines, without a broker, and prints one alert a line. Nothing is printed when a line can not be read.',
    )
    .requiredOption('--file <path>', 'JSON lines; - for stdin')
    .option(
      '--as-of <instant>',
      'how far time goes on after the last line: ISO, ms, now or end',
      'now',
    )
    .option('--resolved', 'also print the resolutions; every line then has a type')
    .option('--progress', 'show on stderr how far it is')
    .option('--skip-bad', 'leave out lines that can not be read, and count them on stderr')
    .addHelpText('after', REPLAY_HELP)
    .action((options: ReplayOptions) => {
      act((io) => replay(options, io));
    });
}

/** More make the commit cheaper for each, and what is buffered larger. */
const RECORDS_PER_COMMIT = 2_000;

/**
 * Runs the topology over a file of events; prints alerts once everything was read.
 *
 * @throws {UsageError} for a file, line, option or setting that can't be used
 */
export async function replay(options: ReplayOptions, io: Io): Promise<ExitCode> {
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
      print(io, driver, settings, options.resolved ?? false);
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
    topics: { ...outputs(settings), ...inputs },
  });
  return TopologyTestDriver.open(topology, {
    stateDir,
    wallClock: asOf,
    allowedLatenessMs,
    autoCommit: false,
  });
}

function outputs(settings: Settings) {
  return {
    alertRaised: renamed(topics.alertRaised, settings.alertTopic),
    alertResolved: renamed(topics.alertResolved, settings.resolvedTopic),
  };
}

function print(io: Io, driver: TopologyTestDriver, settings: Settings, resolved: boolean): void {
  const { alertRaised, alertResolved } = outputs(settings);
  const alerts: AlertRaised[] = driver.read(alertRaised).map(({ value }) => value);
  const resolutions: AlertResolved[] = driver.read(alertResolved).map(({ value }) => value);
  const lines = resolved ? typedLines(alerts, resolutions) : alertLines(alerts);
  // Not all at once: a string has a greatest length.
  for (let i = 0; i < lines.length; i += 10_000) {
    io.stdout.write(`${lines.slice(i, i + 10_000).join('\n')}\n`);
  }
}

/** The events of the file, with what is wrong with its lines. */
class Source {
  readonly #options: ReplayOptions;
  readonly #io: Io;
  #progress: Progress | undefined;
  #skipped = 0;

  constructor(options: ReplayOptions, io: Io) {
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
