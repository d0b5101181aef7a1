import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLogger,
  NoSuchHistory,
  openHistory,
  type History,
  type HistoryRange,
  type Settings,
} from '#kit';
import { SchemaRegistry, type AlertRaised, type AlertResolved, type AvroTopic } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { alertHost } from '../host.ts';
import { alertTopics } from './alert-topics.ts';
import type { EventRange } from './event-range.ts';
import { UsageError, type Io } from './io.ts';
import { RangeProgress } from './range-progress.ts';
import { shortDuration } from './text.ts';

/** All that was raised and resolved since the warm-up began. */
export interface Replayed {
  readonly alerts: readonly AlertRaised[];
  readonly resolutions: readonly AlertResolved[];
}

export interface ReplayRangeOptions {
  /** Event time up to which the rules are applied; default: the end of the range. */
  readonly until?: number;
  readonly progress?: boolean | undefined;
}

type Input = AvroTopic<unknown>;

/** More make the commit cheaper for each, and what is buffered larger. */
const RECORDS_PER_COMMIT = 2_000;
/** Of records that can't be read, how many are said. */
const SHOWN_BAD = 10;

/**
 * Runs the service's topology over a range of its inputs, beside it: nothing is joined, committed or written. One partition
 * after another, each as its task has read it: in the order of appending.
 *
 * @throws {UsageError} when there is no such topic, or its records of the range were deleted
 */
export async function replayRange(
  range: EventRange,
  settings: Settings,
  io: Io,
  { until = range.to, progress: isShown }: ReplayRangeOptions = {},
): Promise<Replayed> {
  const { topics, written } = alertHost(settings);
  await using history = await openHistory({
    kafka: settings.kafka,
    schemas: new SchemaRegistry({ url: settings.schemaRegistryUrl }),
    clientId: 'kafka-alert-replay',
    topics: topics.filter((topic) => !written.includes(topic)),
    logger: createLogger({ name: 'kafka-alert', level: 'silent' }),
    signal: io.interrupted,
  }).catch((error: unknown) => {
    if (error instanceof NoSuchHistory)
      throw new UsageError(`${error.message}; see ORDER_TOPIC, PAYMENT_TOPIC and KAFKA_BROKERS`);
    throw error;
  });

  const warmUpMs = range.warmUpMs ?? settings.retentionMs;
  // What happened in the warm-up can't have been appended before it.
  const start = Math.max(0, range.from - warmUpMs);
  const ranges = await history.ranges(range.from === -Infinity ? 'earliest' : start);
  if (range.from !== -Infinity) {
    await checkKept(history, ranges, range.from, start, io);
    io.stderr.write(
      `warming up from ${new Date(start).toISOString()} on, ${shortDuration(warmUpMs)} before the range (--warm-up)\n`,
    );
  }

  // As far as the live service had read them: not all, while they are not its past.
  const end = Math.min(until, io.now() - settings.allowedLatenessMs);
  const patienceMs = settings.graceMs + settings.allowedLatenessMs;
  const ends = await history.endsAt(ranges, end + patienceMs);
  // Where nothing had been appended by then, it came later: topics that were filled from elsewhere.
  const lengths = ranges.map(({ start, end }, i) => (ends[i]! > start ? ends[i]! : end) - start);
  const expected = lengths.reduce((sum, length) => sum + length, 0);
  const progress = isShown || io.stderr.isTTY ? new RangeProgress(io, expected) : undefined;
  const folder = await mkdtemp(join(tmpdir(), 'kafka-alert-replay-'));
  const replay = new PartitionReplay(history, settings, io, { end, patienceMs, progress });
  try {
    for (let partition = 0; partition < history.partitions; partition++) {
      const own = ranges.filter((each) => each.partition === partition);
      await replay.run(own, join(folder, String(partition)));
    }
  } finally {
    progress?.finish();
    await rm(folder, { recursive: true, force: true });
  }
  replay.tellBad();
  return replay;
}

interface PartitionReplayOptions {
  /** Event time up to which the rules are applied. */
  readonly end: number;
  /** How much later a record may have been appended. */
  readonly patienceMs: number;
  readonly progress: RangeProgress | undefined;
}

/** One partition after another; what comes of them together. */
class PartitionReplay implements Replayed {
  readonly alerts: AlertRaised[] = [];
  readonly resolutions: AlertResolved[] = [];
  readonly #history: History<Input>;
  readonly #settings: Settings;
  readonly #io: Io;
  readonly #options: PartitionReplayOptions;
  #bad = 0;

  constructor(
    history: History<Input>,
    settings: Settings,
    io: Io,
    options: PartitionReplayOptions,
  ) {
    this.#history = history;
    this.#settings = settings;
    this.#io = io;
    this.#options = options;
  }

  async run(ranges: readonly HistoryRange<Input>[], stateDir: string): Promise<void> {
    const { end, patienceMs, progress } = this.#options;
    const { topology, allowedLatenessMs } = alertHost(this.#settings);
    const driver = await TopologyTestDriver.open(topology, {
      ...{ applicationId: 'kafka-alert-replay', stateDir, allowedLatenessMs, autoCommit: false },
      wallClock: this.#io.now(),
    });
    try {
      let count = 0;
      for await (const { topic, appendedAt, read, offsets } of this.#history.read(ranges)) {
        if (appendedAt > end + patienceMs && driver.watermark >= end) break;
        progress?.add(offsets);
        if ('problem' in read) {
          this.#tell(read.problem);
          continue;
        }
        driver.pipe(topic, read.value);
        if (++count % RECORDS_PER_COMMIT === 0) {
          this.#collect(driver);
          this.#io.interrupted.throwIfAborted();
        }
      }
      driver.advanceWatermarkTo(Math.max(end, driver.watermark));
      this.#collect(driver);
    } finally {
      await driver.close();
    }
  }

  tellBad(): void {
    if (this.#bad > 0)
      this.#io.stderr.write(`${String(this.#bad)} record(s) left out, as the service does\n`);
  }

  #collect(driver: TopologyTestDriver): void {
    const { alertRaised, alertResolved } = alertTopics(this.#settings);
    driver.commit();
    for (const { value } of driver.read(alertRaised)) this.alerts.push(value);
    for (const { value } of driver.read(alertResolved)) this.resolutions.push(value);
    driver.forget();
  }

  #tell(problem: string): void {
    this.#bad += 1;
    if (this.#bad <= SHOWN_BAD) this.#io.stderr.write(`left out: ${problem}\n`);
  }
}

/** Whether the range is still there; a warm-up that is not is only told. */
async function checkKept(
  history: History<Input>,
  ranges: readonly HistoryRange<Input>[],
  from: number,
  start: number,
  io: Io,
): Promise<void> {
  for (const range of ranges) {
    const { topic, partition, earliest } = range;
    if (earliest === 0 || range.start > earliest) continue;
    const firstAt = await history.startsAt(range);
    const where = `${topic.name}-${String(partition)}`;
    if (firstAt === undefined)
      throw new UsageError(`the records of the range were deleted by retention: ${where} is empty`);
    const first = `the first record that is left in ${where} was appended at ${new Date(firstAt).toISOString()}`;
    if (firstAt > from)
      throw new UsageError(`records of the range were deleted by retention: ${first}`);
    if (firstAt > start) io.stderr.write(`the warm-up is cut short by retention: ${first}\n`);
  }
}
