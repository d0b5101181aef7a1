import {
  StreamsBuilder,
  type KeyedProcessor,
  type Serde,
  type Topic,
  type Topology,
} from '#streams';
import { NO_LIMIT } from '../broker/partition-log.ts';
import type { LogEntry, LogRecord, TopicLimit } from '../broker/partition-log.ts';
import type { Random } from '../random.ts';
import { arrival, writerOf, type Arrivals } from './arrivals.ts';
import { ensure, type Input, type TaskCommitted, type Workload } from './workload.ts';
import type { ProcessingGuarantee, ReadTopic } from './workload.ts';

/** What is counted. */
interface Tick {
  readonly key: string;
  readonly id: number;
  readonly at: number;
  /**
   * What goes wrong: the processor throws after it has done its work; or the broker does not take its result, or its state.
   */
  readonly fault?: Fault | undefined;
  /** Makes result or state too large. */
  readonly padding?: string | undefined;
}

type Fault = 'throws' | 'result-too-large' | 'result-invalid' | 'state-too-large';

/** One for each tick. */
interface Counted {
  readonly key: string;
  readonly id: number;
  readonly at: number;
  /** How many ticks of the key there are with this one. */
  readonly count: number;
  readonly isLate: boolean;
  readonly fault?: Fault | undefined;
  readonly padding?: string | undefined;
}

/** One for each window of a key, when the watermark has passed it. */
interface WindowTotal {
  readonly key: string;
  readonly until: number;
  readonly count: number;
}

interface Seen {
  /** Makes states so large that a commit needs several batches. */
  readonly ballast: string;
  readonly ids: readonly number[];
  /** Instants of ticks whose window is open. */
  readonly open: readonly number[];
}

const WINDOW_MS = 300;
const BALLAST = 150_000;
/** What topics take, and more than that. */
const RESULT_BYTES = 2000;
const STATE_BYTES = 100_000;
/** More records than a task processes before others have a turn. */
const LARGE = 2500;
/** Keys whose state is dropped whenever no window is open. */
const BRIEF = 'brief-';

const ticks = [tickTopic('left'), tickTopic('right')] as const;
const counted: Topic<Counted> = { ...jsonTopic<Counted>('counted'), eventTime: (c) => c.at };
const totals: Topic<WindowTotal> = {
  ...jsonTopic<WindowTotal>('totals'),
  eventTime: (t) => t.until,
};

/** Counts each tick once, and each window of ticks: a lost or doubled record, state or timer shows in the output. */
function countingTopology(ballast: string): Topology {
  const builder = new StreamsBuilder('counting');
  const store = builder.store('seen', json<Seen>());
  const counter: KeyedProcessor<Tick, Seen, Counted | WindowTotal> = {
    store,
    timer: ({ open }) => (open.length === 0 ? null : endOf(Math.min(...open))),
    onRecord(record, seen = { ids: [], open: [], ballast }, context) {
      const { id, at, fault, padding } = record.value;
      if (seen.ids.includes(id)) {
        context.drop('duplicate');
        return;
      }
      const ids = [...seen.ids, id];
      const isLate = at <= context.watermark;
      const now = { ...seen, ids, open: [...seen.open, at] };
      context.put(fault === 'state-too-large' ? { ...now, ballast: padding! } : now);
      const { key } = record;
      const counts = { key, id, at, count: ids.length, isLate };
      if (fault === 'state-too-large') context.forward(counts);
      else context.forward({ ...counts, fault, padding });
      if (fault === 'throws') throw new Error('a bad tick');
    },
    onTimer(key, until, seen, context) {
      const open = seen.open.filter((at) => at >= until);
      context.forward({ key, until, count: seen.open.length - open.length });
      context.put(open.length === 0 && key.startsWith(BRIEF) ? null : { ...seen, open });
    },
  };
  const results = builder
    .stream(ticks[0])
    .merge(builder.stream(ticks[1]))
    .process('count', counter);
  results.filter((result) => 'id' in result).to(counted);
  results.filter((result) => 'until' in result).to(totals);
  return builder.build();
}

export class CountingWorkload implements Workload {
  readonly topology: Topology;
  readonly topics = new Map(
    [...ticks, counted, totals].map(({ name }) => [name, outputCount(name)]),
  );
  readonly strangeState = json<Seen>().encode({ ids: [-1], open: [], ballast: '' });
  readonly arrivals: Arrivals;
  readonly inputs: readonly Input[];
  readonly lastDueAt: number;
  /** The ticks that count, by id. */
  readonly #expected = new Map<number, Tick>();
  /** What comes of these is refused by the broker; without transactions, what was written before that stays. */
  readonly #refused = new Map<number, Tick>();
  readonly #done = new Set<number>();
  readonly #ballast: number;

  constructor(random: Random, arrivals: Arrivals) {
    this.arrivals = arrivals;
    this.#ballast = random.chance(0.01) ? BALLAST : 0;
    this.topology = countingTopology('x'.repeat(this.#ballast));
    // By a coin that is thrown already.
    const refused = arrivals.spanMs % 10 < 3 ? 0.04 : 0;
    const keys = Array.from({ length: random.int(1, 8) }, (_, i) =>
      random.chance(0.25) ? `${BRIEF}${i}` : `key-${i}`,
    );
    const inputs: Input[] = [];
    const isLarge = random.chance(0.003);
    for (let id = isLarge ? LARGE : random.int(10, 70); id > 0; id--) {
      const key = random.pick(keys);
      const at = arrivals.start + random.int(0, arrivals.spanMs);
      const tick = { key, id, at, ...this.#fault(random, key, refused) };
      inputs.push(this.#input(tick, random, random.chance(0.03)));
      // State that is gone remembers no duplicates.
      if (!key.startsWith(BRIEF) && random.chance(0.1))
        inputs.push(this.#input(tick, random, false));
    }
    this.inputs = inputs.sort((a, b) => a.atMs - b.atMs);
    this.lastDueAt = arrivals.start + arrivals.spanMs + WINDOW_MS;
  }

  limitOf(topic: string): TopicLimit {
    if (topic === counted.name) {
      const isInvalid = ({ value }: LogRecord) => value!.includes('"fault":"result-invalid"');
      return { maxBytes: RESULT_BYTES, isInvalid };
    }
    const isLimited = topic.endsWith('-changelog') && this.#ballast === 0;
    return isLimited ? { ...NO_LIMIT, maxBytes: STATE_BYTES } : NO_LIMIT;
  }

  checkProgress(read: readonly LogEntry[], records: ReadTopic): void {
    const ids = new Set(decoded(counted, records(counted.name)).map(({ id }) => id));
    for (const { value } of read) {
      const tick = attempt(() => JSON.parse(value!.toString()) as Tick);
      if (!tick || !this.#expected.has(tick.id)) continue;
      ensure(ids.has(tick.id), () => `tick ${tick.id} is committed, and was not counted`);
    }
  }

  checkCommit({ read, written, watermark, watermarkBefore }: TaskCommitted): void {
    const expected = new Set<number>();
    for (const { value } of read) {
      const id = (attempt(() => JSON.parse(value!.toString()) as Tick) ?? { id: -1 }).id;
      if (this.#expected.has(id) && !this.#done.has(id)) expected.add(id);
    }
    const results = decoded(counted, written.get(counted.name));
    const ids = results.map(({ id }) => id);
    ensure(same(ids, [...expected]), () => {
      return `a transaction went over the ticks [${[...expected].sort().join()}] and counted [${ids.sort().join()}]`;
    });
    for (const id of ids) this.#done.add(id);
    for (const { id, at, isLate } of results) {
      ensure(isLate || at > watermarkBefore, () => {
        return `tick ${id} of ${at} was taken as in time, and the watermark had been committed at ${watermarkBefore}`;
      });
      ensure(!isLate || this.arrivals.mayBeLate, () => `tick ${id} was taken as late`);
    }
    for (const { key, until } of decoded(totals, written.get(totals.name))) {
      ensure(until <= watermark, () => {
        return `the window of ${key} until ${until} was closed at the watermark ${watermark}`;
      });
    }
  }

  checkEnd(records: ReadTopic, guarantee: ProcessingGuarantee): void {
    if (guarantee === 'exactly_once_v2') this.#checkExactlyOnce(records);
    else this.#checkAtLeastOnce(records);
  }

  #checkAtLeastOnce(records: ReadTopic): void {
    const ids = decoded(counted, records(counted.name)).map(({ id }) => id);
    const unique = [...new Set(ids)].filter((id) => !this.#refused.has(id));
    ensure(same(unique, [...this.#expected.keys()]), () => {
      const missing = [...this.#expected.keys()].filter((id) => !ids.includes(id));
      const unexpected = unique.filter((id) => !this.#expected.has(id));
      return `ticks lost: [${missing.join()}], unexpected: [${unexpected.join()}]`;
    });
    this.#checkStates(records('app-seen-changelog'));
    const expected = windowsOf(this.#expected.values());
    const most = windowsOf([...this.#expected.values(), ...this.#refused.values()]);
    const found = Map.groupBy(
      decoded(totals, records(totals.name)),
      ({ key, until }) => `${key}@${until}`,
    );
    for (const [name, results] of found) {
      const isExpected = results.every(({ count }) => count <= (most.get(name) ?? 0));
      ensure(isExpected, () => `window ${name} had totals of more than its ticks`);
    }
    for (const [name, count] of expected) {
      const counts = (found.get(name) ?? []).map((total) => total.count);
      const isWhole = this.arrivals.mayBeLate
        ? counts.reduce((sum, each) => sum + each, 0) >= count
        : counts.includes(count);
      ensure(isWhole, () => `window ${name} had ${count} ticks, and totals of [${counts.join()}]`);
    }
  }

  /** States that stay have every tick, once. */
  #checkStates(changelog: readonly LogEntry[]): void {
    const states = new Map(changelog.map(({ key, value }) => [key!.toString(), value]));
    const expected = Map.groupBy(this.#expected.values(), ({ key }) => key);
    for (const [key, all] of expected) {
      if (key.startsWith(BRIEF)) continue;
      const value = states.get(key);
      const ids = value ? json<Seen>().decode(value).ids : [];
      const wanted = all.map(({ id }) => id);
      ensure(same(ids, wanted), () => {
        return `${key} has the ticks [${ids.join()}] in its state, expected [${wanted.join()}]`;
      });
    }
  }

  #checkExactlyOnce(records: ReadTopic): void {
    const counts = decoded(counted, records(counted.name));
    const ids = counts.map(({ id }) => id);
    ensure(same(ids, [...this.#expected.keys()]), () => {
      const missing = [...this.#expected.keys()].filter((id) => !ids.includes(id));
      const doubled = ids.filter((id, i) => ids.indexOf(id) !== i);
      return `ticks lost: [${missing.join()}], counted twice: [${doubled.join()}]`;
    });
    const running = new Map<string, number>();
    for (const { key, count } of counts) {
      if (key.startsWith(BRIEF)) continue;
      const before = running.get(key) ?? 0;
      ensure(count === before + 1, () => `${key}: the count ${before} is followed by ${count}`);
      running.set(key, count);
    }
    this.#checkTotals(decoded(totals, records(totals.name)));
  }

  #checkTotals(found: readonly WindowTotal[]): void {
    const expected = windowsOf(this.#expected.values());
    const sums = new Map<string, number>();
    for (const { key, until, count } of found) {
      const name = `${key}@${until}`;
      ensure(this.arrivals.mayBeLate || !sums.has(name), () => `window ${name} was closed twice`);
      add(sums, name, count);
    }
    for (const [name, count] of expected) {
      ensure(sums.get(name) === count, () => {
        return `window ${name} had ${count} ticks, and its totals say ${sums.get(name) ?? 0}`;
      });
    }
    ensure(sums.size === expected.size, () => 'a window was closed that had no tick');
  }

  #fault(random: Random, key: string, refused: number): Pick<Tick, 'fault' | 'padding'> {
    if (random.chance(0.02)) return { fault: 'throws' };
    if (!random.chance(refused)) return {};
    const fault = random.pick(['result-too-large', 'result-invalid', 'state-too-large'] as const);
    if (fault === 'result-invalid') return { fault };
    // A state that is gone before the commit was never too large.
    const isKept = this.#ballast === 0 && !key.startsWith(BRIEF);
    if (fault === 'state-too-large' && !isKept) return {};
    const size = fault === 'state-too-large' ? STATE_BYTES : RESULT_BYTES;
    return { fault, padding: 'x'.repeat(size + 100 * random.int(0, 9)) };
  }

  #input(tick: Tick, random: Random, isUnreadable: boolean): Input {
    const { writer, openMs } = writerOf(random);
    const isVoid = writer === 'aborted' || isUnreadable;
    const isDuplicate = this.#expected.has(tick.id);
    if (!isVoid && !tick.fault && !isDuplicate) this.#expected.set(tick.id, tick);
    if (!isVoid && tick.fault && tick.fault !== 'throws') this.#refused.set(tick.id, tick);
    return {
      atMs: arrival(tick.at, this.arrivals, random),
      topic: random.pick(ticks).name,
      key: Buffer.from(tick.key),
      value: isUnreadable ? Buffer.from('{') : json<Tick>().encode(tick),
      writer,
      openMs,
      isDeadLetter: writer !== 'aborted' && (isUnreadable || tick.fault !== undefined),
    };
  }
}

/** How many ticks each window has. */
function windowsOf(all: Iterable<Tick>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key, at } of all) add(counts, `${key}@${endOf(at)}`, 1);
  return counts;
}

function endOf(at: number): number {
  return (Math.floor(at / WINDOW_MS) + 1) * WINDOW_MS;
}

function outputCount(name: string): number | undefined {
  return name === counted.name ? 2 : name === totals.name ? 3 : undefined;
}

function json<T>(): Serde<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(bytes.toString()) as T,
  };
}

function jsonTopic<T extends { readonly key: string }>(name: string) {
  return { name, value: json<T>(), keyOf: (value: T) => value.key };
}

function tickTopic(name: string): Topic<Tick> {
  return { ...jsonTopic<Tick>(name), eventTime: (tick) => tick.at };
}

function decoded<T>(topic: Topic<T>, records: readonly LogEntry[] = []): T[] {
  return records.map(({ value }) => topic.value.decode(value!));
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

function same(a: readonly number[], b: readonly number[]): boolean {
  const ofB = new Set(b);
  return a.length === b.length && new Set(a).size === a.length && a.every((each) => ofB.has(each));
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
