import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { StreamsException } from '../errors.ts';
import type { Topology } from '../graph/topology.ts';
import type { KeyedProcessor, ProcessorContext, ProcessorRecord } from '../processor/processor.ts';
import { LAYOUT_KEY } from '../state/layout.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { rawPing, startTask } from '../testing/tasks.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';
import type { OutputRecord, TaskCommit } from './commit.ts';
import { decodeOffsetMetadata } from './offset-metadata.ts';
import type { Task, TaskOptions } from './task.ts';

/** What a test's processor keeps: the pings seen, and when its timer is due. */
interface Seen {
  readonly acts: readonly string[];
  readonly timer: number | null;
}

type Context = ProcessorContext<Seen, Ping>;
type Processing = Omit<KeyedProcessor<Ping, Seen, Ping>, 'store' | 'timer'>;

const a = pingTopic('a');
const b = pingTopic('b');
const out = pingTopic('out');

/** Reads `a` and `b`, and writes to `out` what the processor forwards. */
function topologyOf(processing: Processing): Topology {
  const builder = new StreamsBuilder('test');
  const store = builder.store('seen', jsonSerde<Seen>());
  builder
    .stream(a)
    .merge(builder.stream(b))
    .process<Seen, Ping>('watch', {
      store,
      timer: (seen) => seen.timer,
      onTimer: (_key, _dueAt, _seen, context) => context.put(null),
      ...processing,
    })
    .to(out);
  return builder.build();
}

/** Notes what it is told, in the state; the state's timer is due when the ping says so. */
function note(record: ProcessorRecord<Ping>, seen: Seen | undefined, context: Context): void {
  const { act = '' } = record.value;
  const timer = /^due (\d+)/.exec(act)?.[1];
  context.put({
    acts: [...(seen?.acts ?? []), act],
    timer: timer === undefined ? (seen?.timer ?? null) : Number(timer),
  });
}

/** Takes no more from `input` than these, as of an end that the broker has not told. */
function add(task: Task, input: string, ...pings: Ping[]): void {
  const from = task.fetchPositions.find(({ topic }) => topic === input)!.offset;
  const raw = pings.map((ping, i) => rawPing(from + i, ping));
  task.addRecords(input, raw, from + pings.length, undefined);
}

/** Every input is at its end as of `instant`, which lateness 0 makes the watermark. */
function catchUp(task: Task, instant: number): void {
  for (const { topic, offset } of task.fetchPositions) task.addRecords(topic, [], offset, instant);
}

function run(task: Task): number {
  return task.process(1000, Infinity);
}

function outputs(commit: TaskCommit | undefined): string[] {
  return (commit?.outputs ?? [])
    .filter(({ topic }) => topic === 'out')
    .map(({ value }) => (JSON.parse(String(value)) as Ping).act ?? '');
}

function deadLetters(commit: TaskCommit | undefined): OutputRecord[] {
  return (commit?.outputs ?? []).filter(({ topic }) => topic === 'app-dead-letter');
}

function changelog(commit: TaskCommit | undefined): [string, unknown][] {
  return (commit?.changelog ?? [])
    .filter(({ key }) => !key?.equals(LAYOUT_KEY))
    .map(({ key, value }) => [String(key), value && JSON.parse(String(value))]);
}

/** Commits as if the changelog had only these records; returns what was written. */
function commit(task: Task): TaskCommit | undefined {
  const commit = task.prepareCommit();
  if (commit) task.postCommit(new Map([['app-seen-changelog', commit.changelog.length]]));
  return commit;
}

describe('between fetch and commit', () => {
  test('records are only buffered until they are processed', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    add(task, 'a', { id: 'k', at: 1 }, { id: 'k', at: 2 });
    expect([task.buffered, task.metrics.processed, task.isChanged]).toEqual([2, 0, false]);
    expect(task.fetchPositions[0]).toEqual({
      topic: 'a',
      partition: 0,
      offset: 2,
      position: 0,
      buffered: 2,
    });
    expect(run(task)).toBe(2);
    expect([task.buffered, task.metrics.processed, task.isChanged]).toEqual([0, 2, true]);
  });

  test('nothing is in the local state before postCommit, and all of it after', () => {
    const backend = new MemoryBackend();
    const task = startTask(topologyOf({ onRecord: note }), { backend });
    add(task, 'a', { id: 'k', at: 1, act: 'one' });
    run(task);
    const prepared = task.prepareCommit()!;
    expect(backend.scan('store-seen', Buffer.alloc(0), 10)).toEqual([]);
    task.postCommit(new Map([['app-seen-changelog', 7]]));
    const stored = backend.scan('store-seen', Buffer.alloc(0), 10);
    expect(stored.map(([, value]) => String(value))).toEqual(
      prepared.changelog
        .filter(({ key }) => !key?.equals(LAYOUT_KEY))
        .map(({ value }) => String(value)),
    );
    expect(task.state.checkpoint('app-seen-changelog')).toBe(7);
    expect(task.isChanged).toBe(false);
  });

  test('a new task over the same state goes on from the commit, and knows nothing later', () => {
    const backend = new MemoryBackend();
    const topology = topologyOf({ onRecord: note });
    const first = startTask(topology, { backend });
    add(first, 'a', { id: 'k', at: 1, act: 'committed' });
    run(first);
    const offsets = commit(first)!.offsets;
    add(first, 'a', { id: 'k', at: 2, act: 'not committed' });
    run(first);

    const second = startTask(topology, { backend });
    second.start(offsets);
    expect(second.fetchPositions.map(({ offset }) => offset)).toEqual([1, 0]);
    add(second, 'a', { id: 'k', at: 3, act: 'again' });
    run(second);
    expect(changelog(commit(second))).toEqual([
      ['k', { acts: ['committed', 'again'], timer: null }],
    ]);
  });
});

describe('a commit', () => {
  test('is none when nothing has happened', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    expect(task.prepareCommit()).toBeUndefined();
    add(task, 'a', { id: 'k', at: 1 });
    run(task);
    commit(task);
    expect(task.prepareCommit()).toBeUndefined();
    expect(task.metrics.commits).toBe(1);
  });

  test('has one changelog record per key, however often it changed; null for a deleted one', () => {
    const task = startTask(
      topologyOf({
        onRecord(record, seen, context) {
          if (record.value.act === 'delete') context.put(null);
          else note(record, seen, context);
        },
      }),
      { partition: 4 },
    );
    add(
      task,
      'a',
      { id: 'k', at: 1, act: '1' },
      { id: 'gone', at: 2 },
      { id: 'k', at: 3, act: '3' },
    );
    add(task, 'b', { id: 'gone', at: 4, act: 'delete' }, { id: 'k', at: 5, act: '5' });
    run(task);
    const written = commit(task);
    expect(changelog(written)).toEqual([
      ['k', { acts: ['1', '3', '5'], timer: null }],
      ['gone', null],
    ]);
    expect(written?.changelog[0]).toMatchObject({
      topic: 'app-seen-changelog',
      partition: 4,
      headers: {},
    });
  });

  test('has the outputs in the order in which they were sent', () => {
    const task = startTask(
      topologyOf({
        onRecord({ value }, _, context) {
          context.forward({ ...value, act: `${value.id}1` });
          context.forward({ ...value, act: `${value.id}2` });
        },
      }),
    );
    add(task, 'a', { id: 'x', at: 1 }, { id: 'y', at: 2 });
    run(task);
    expect(task.pendingOutputs).toBe(4);
    expect(outputs(commit(task))).toEqual(['x1', 'x2', 'y1', 'y2']);
    expect(task.pendingOutputs).toBe(0);
    add(task, 'a', { id: 'z', at: 3 });
    run(task);
    expect(outputs(commit(task))).toEqual(['z1', 'z2']);
  });

  test('has the position in every input, with event time and watermark', () => {
    const task = startTask(topologyOf({ onRecord: note }), { allowedLatenessMs: 10 });
    add(task, 'a', { id: 'k', at: 100 }, { id: 'k', at: 90 });
    add(task, 'b', { id: 'k', at: 200 });
    run(task);
    const offsets = commit(task)!.offsets.map(({ metadata, ...offset }) => ({
      ...offset,
      ...decodeOffsetMetadata(metadata),
    }));
    expect(offsets).toEqual([
      { topic: 'a', partition: 0, offset: 2, maxEventTime: 100, watermark: 90 },
      { topic: 'b', partition: 0, offset: 1, maxEventTime: 200, watermark: 90 },
    ]);
  });

  test('stands behind the last record that was processed, not behind what is buffered', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    add(task, 'a', { id: 'k', at: 1 }, { id: 'k', at: 2 }, { id: 'k', at: 3 });
    task.process(2, Infinity);
    expect(commit(task)?.offsets[0]?.offset).toBe(2);
    expect(task.fetchPositions[0]).toMatchObject({ offset: 3, buffered: 1 });
  });

  test('has the position behind control records, once all before them is processed', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    // Two records, and a transaction's end after them.
    task.addRecords('a', [rawPing(0, { id: 'k', at: 1 }), rawPing(1, { id: 'k', at: 2 })], 3, 50);
    task.process(1, Infinity);
    expect(commit(task)?.offsets[0]?.offset).toBe(1);
    run(task);
    expect(commit(task)?.offsets[0]?.offset).toBe(3);
  });

  test('moves over control records that come alone', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    task.addRecords('a', [], 5, 50);
    expect(task.isChanged).toBe(true);
    expect(commit(task)?.offsets[0]?.offset).toBe(5);
    task.addRecords('a', [], 5, 60);
    expect(task.isChanged).toBe(false);
  });

  test('leaves to the next one what arrives while it is on its way', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    add(task, 'a', { id: 'k', at: 1 });
    run(task);
    const first = task.prepareCommit()!;
    task.addRecords('b', [], 5, 50);
    task.postCommit(new Map());
    expect(first.offsets[1]?.offset).toBe(0);
    expect(commit(task)?.offsets[1]?.offset).toBe(5);
  });
});

describe('timers', () => {
  const recording = (log: string[]): Processing => ({
    onRecord(record, seen, context) {
      log.push(`record ${record.key}@${record.timestamp}`);
      note(record, seen, context);
    },
    onTimer(key, dueAt, seen, context) {
      log.push(`timer ${key}@${dueAt}`);
      context.put({ ...seen, timer: null });
    },
  });

  test('that are due fire before the next record, in order', () => {
    const log: string[] = [];
    const task = startTask(topologyOf(recording(log)));
    catchUpOn(task, 'b', 1000);
    add(
      task,
      'a',
      { id: 'late', at: 10, act: 'due 40' },
      { id: 'early', at: 20, act: 'due 30' },
      { id: 'moves', at: 45 },
      { id: 'next', at: 60 },
    );
    run(task);
    expect(log).toEqual([
      'record late@10',
      'record early@20',
      'record moves@45',
      'timer early@30',
      'timer late@40',
      'record next@60',
    ]);
    expect(task.metrics.timersFired).toBe(2);
  });

  test('fire when a caught-up input says so, without a record', () => {
    const log: string[] = [];
    const task = startTask(topologyOf(recording(log)));
    add(task, 'a', { id: 'k', at: 10, act: 'due 30' });
    run(task);
    catchUp(task, 29);
    run(task);
    expect(log).toEqual(['record k@10']);
    catchUp(task, 30);
    expect(run(task)).toBe(1);
    expect(log).toEqual(['record k@10', 'timer k@30']);
  });

  test('that are due already when they are set fire at once', () => {
    const log: string[] = [];
    const task = startTask(topologyOf(recording(log)));
    catchUp(task, 100);
    run(task);
    add(task, 'a', { id: 'k', at: 50, act: 'due 60' }, { id: 'l', at: 51 });
    run(task);
    expect(log).toEqual(['record k@50', 'timer k@60', 'record l@51']);
  });

  test('of several processors fire in the order of their instants', () => {
    const log: string[] = [];
    const builder = new StreamsBuilder('two');
    const input = builder.stream(a);
    for (const name of ['one', 'two']) {
      input.process<Seen, Ping>(name, {
        store: builder.store(name, jsonSerde<Seen>()),
        timer: (seen) => seen.timer,
        onRecord(record, _seen, context) {
          const [first, second] = record.value.act!.split(' ').map(Number);
          context.put({ acts: [], timer: name === 'one' ? first! : second! });
        },
        onTimer(key, dueAt, seen, context) {
          log.push(`${name} ${key}@${dueAt}`);
          context.put({ ...seen, timer: null });
        },
      });
    }
    const task = startTask(builder.build());
    add(task, 'a', { id: 'x', at: 1, act: '10 20' }, { id: 'y', at: 2, act: '30 15' });
    run(task);
    catchUp(task, 100);
    run(task);
    expect(log).toEqual(['one x@10', 'two y@15', 'two x@20', 'one y@30']);
  });

  test('that do not move would fire for ever: the task stops and says which', () => {
    const task = startTask(topologyOf({ onRecord: note, onTimer: () => undefined }));
    add(task, 'a', { id: 'k', at: 10, act: 'due 30' });
    run(task);
    catchUp(task, 30);
    expect(() => run(task)).toThrow(
      new StreamsException(
        "processor 'watch', key 'k': after onTimer at 30 the state's timer is 30; put a state whose timer is later, or null",
      ),
    );
  });

  test('that throw become dead letters, once; the key waits for its next record', () => {
    const task = startTask(
      topologyOf({
        onRecord: note,
        onTimer(key, _dueAt, _seen, context) {
          context.put(null);
          context.forward({ id: key, at: 1, act: 'half done' });
          throw new Error('no idea');
        },
      }),
    );
    add(task, 'a', { id: 'k', at: 10, act: 'due 30' });
    run(task);
    commit(task);
    catchUp(task, 50);
    expect(run(task)).toBe(1);
    const written = commit(task);
    expect([outputs(written), changelog(written)]).toEqual([[], []]);
    expect(deadLetters(written)).toEqual([
      {
        topic: 'app-dead-letter',
        key: Buffer.from('k'),
        value: null,
        headers: {
          '__streams.errors.exception': 'Error',
          '__streams.errors.message': 'no idea',
          '__streams.errors.stacktrace': expect.stringContaining('task.test.ts') as string,
          '__streams.errors.stage': 'timer',
          '__streams.errors.topic': 'watch',
          '__streams.errors.partition': '0',
          '__streams.errors.offset': '30',
        },
      },
    ]);
    expect(run(task)).toBe(0);
    add(task, 'a', { id: 'k', at: 40, act: 'due 45' });
    expect(run(task)).toBe(2);
    expect(deadLetters(commit(task)).length).toBe(1);
  });

  test('see their state, the watermark that made them due, and their instant as the time', () => {
    const seen: unknown[] = [];
    const task = startTask(
      topologyOf({
        onRecord: note,
        onTimer(key, dueAt, state, context) {
          seen.push([key, dueAt, state.acts, context.watermark]);
          context.put(null);
        },
      }),
    );
    add(task, 'a', { id: 'k', at: 10, act: 'due 30' });
    run(task);
    catchUp(task, 50);
    run(task);
    expect(seen).toEqual([['k', 30, ['due 30'], 50]]);
  });
});

test('what a timer sends on has its instant as the time, and no headers', () => {
  const received: ProcessorRecord<Ping>[] = [];
  const builder = new StreamsBuilder('chain');
  builder
    .stream(a)
    .process<Seen, Ping>('first', {
      store: builder.store('first', jsonSerde<Seen>()),
      timer: (seen) => seen.timer,
      onRecord: note,
      onTimer(id, _dueAt, _seen, context) {
        context.forward({ id, at: 1 });
        context.forward({ id, at: 2 }, 25);
        context.put(null);
      },
    })
    .process<Seen, Ping>('second', {
      store: builder.store('second', jsonSerde<Seen>()),
      onRecord: (record) => void received.push(record),
    });
  const task = startTask(builder.build());
  task.addRecords('a', [rawPing(0, { id: 'k', at: 10, act: 'due 30' }, { trace: 'x' })], 1, 50);
  run(task);
  expect(received.map(({ key, timestamp, headers }) => [key, timestamp, headers])).toEqual([
    ['k', 30, {}],
    ['k', 25, {}],
  ]);
});

describe('a record whose processing throws', () => {
  const failing: Processing = {
    onRecord(record, seen, context) {
      note(record, seen, context);
      context.forward({ ...record.value, act: `sent ${record.value.act}` });
      if (record.value.act === 'throw') throw new TypeError('told to');
    },
  };

  test('leaves nothing behind, and the ones around it are whole', () => {
    const task = startTask(topologyOf(failing));
    add(task, 'a', { id: 'k', at: 1, act: '1' }, { id: 'k', at: 2, act: 'throw' });
    add(task, 'a', { id: 'new', at: 3, act: 'throw' }, { id: 'k', at: 4, act: '4' });
    run(task);
    const written = commit(task);
    expect(changelog(written)).toEqual([['k', { acts: ['1', '4'], timer: null }]]);
    expect(outputs(written)).toEqual(['sent 1', 'sent 4']);
    expect(written?.offsets[0]?.offset).toBe(4);
    expect([task.metrics.processed, task.metrics.deadLetters]).toEqual([4, 2]);
  });

  test('is a dead letter as it was read, with why and from where', () => {
    const task = startTask(topologyOf(failing), { partition: 3 });
    const raw = rawPing(9, { id: 'k', at: 1, act: 'throw' }, { trace: 'x' });
    task.addRecords('b', [raw], 10, undefined);
    run(task);
    const [letter] = deadLetters(commit(task));
    expect(letter).toMatchObject({ topic: 'app-dead-letter', key: raw.key, value: raw.value });
    expect(letter?.headers).toEqual({
      trace: 'x',
      '__streams.errors.exception': 'TypeError',
      '__streams.errors.message': 'told to',
      '__streams.errors.stacktrace': expect.stringContaining('task.test.ts') as string,
      '__streams.errors.stage': 'process',
      '__streams.errors.topic': 'b',
      '__streams.errors.partition': '3',
      '__streams.errors.offset': '9',
    });
  });

  test('moves event time on like any other', () => {
    const task = startTask(topologyOf(failing));
    catchUpOn(task, 'b', 1000);
    add(task, 'a', { id: 'k', at: 70, act: 'throw' });
    run(task);
    expect(task.watermark.value).toBe(70);
  });

  test('takes back what processors before it did', () => {
    const builder = new StreamsBuilder('chain');
    builder
      .stream(a)
      .process<Seen, Ping>('first', {
        store: builder.store('first', jsonSerde<Seen>()),
        onRecord(record, seen, context) {
          note(record, seen, context);
          context.forward(record.value);
        },
      })
      .process<Seen, Ping>('second', {
        store: builder.store('second', jsonSerde<Seen>()),
        ...failing,
      })
      .to(out);
    const task = startTask(builder.build());
    add(task, 'a', { id: 'k', at: 1, act: 'throw' });
    run(task);
    const written = task.prepareCommit();
    expect([changelog(written), outputs(written)]).toEqual([[], []]);
    expect(deadLetters(written).length).toBe(1);
  });

  test('fails also when what it sent can not be encoded', () => {
    const builder = new StreamsBuilder('encode');
    const encode = (): Buffer => {
      throw new Error('no schema for this');
    };
    builder.stream(a).to(pingTopic('out', { value: { ...jsonSerde<Ping>(), encode } }));
    const task = startTask(builder.build());
    add(task, 'a', { id: 'k', at: 1 });
    run(task);
    expect(deadLetters(commit(task))[0]?.headers).toMatchObject({
      '__streams.errors.message': "can't be written to 'out': no schema for this",
      '__streams.errors.stage': 'produce',
    });
  });

  test('fails also when its state names an impossible timer', () => {
    const task = startTask(
      topologyOf({
        onRecord: (_record, _seen, context) => context.put({ acts: [], timer: 2 ** 70 }),
      }),
    );
    add(task, 'a', { id: 'k', at: 1 });
    run(task);
    const written = commit(task);
    expect(changelog(written)).toEqual([]);
    expect(deadLetters(written)[0]?.headers['__streams.errors.message']).toContain('a timer at');
  });

  test('stops the task when what it throws says so, and leaves nothing', () => {
    const task = startTask(
      topologyOf({
        onRecord(record, seen, context) {
          note(record, seen, context);
          context.forward(record.value);
          throw new StreamsException('stop');
        },
      }),
    );
    add(task, 'a', { id: 'k', at: 1 });
    expect(() => run(task)).toThrow('stop');
    expect([task.pendingOutputs, task.uncommittedSize]).toEqual([0, 0]);
  });
});

describe('a record that can not be read', () => {
  test('is a dead letter in its place, and moves nothing but the position', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    catchUpOn(task, 'b', 1000);
    const bad = { ...rawPing(0, { id: 'k', at: 500 }), value: Buffer.from('{') };
    task.addRecords('a', [bad, rawPing(1, { id: 'k', at: 20 })], 2, undefined);
    task.process(1, Infinity);
    expect(task.watermark.value).toBe(-Infinity);
    run(task);
    const written = commit(task);
    expect(task.watermark.value).toBe(20);
    expect(written?.offsets[0]?.offset).toBe(2);
    expect(changelog(written).length).toBe(1);
    expect([task.metrics.processed, task.metrics.deadLetters]).toEqual([1, 1]);
    expect(deadLetters(written)).toMatchObject([
      { key: bad.key, value: bad.value, headers: { '__streams.errors.stage': 'deserialize' } },
    ]);
  });

  test('keeps null for a key or value that it does not have', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    const tombstone = { ...rawPing(0, { id: 'k', at: 1 }), value: null };
    const keyless = { ...rawPing(1, { id: 'k', at: 1 }), key: null };
    task.addRecords('a', [tombstone, keyless], 2, undefined);
    run(task);
    expect(deadLetters(commit(task))).toMatchObject([
      { key: tombstone.key, value: null },
      { key: null, value: keyless.value },
    ]);
  });
});

describe('what a processor sees', () => {
  test('is the watermark as it stood before its record was read', () => {
    const seen: number[] = [];
    const task = startTask(topologyOf({ onRecord: (_r, _s, c) => void seen.push(c.watermark) }));
    catchUpOn(task, 'b', 1000);
    add(task, 'a', { id: 'k', at: 10 }, { id: 'k', at: 20 }, { id: 'k', at: 15 });
    run(task);
    expect(seen).toEqual([-Infinity, 10, 20]);
    expect(task.metrics.late).toBe(1);
  });

  test('counts a record at the watermark as late, and one behind it not', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    catchUp(task, 100);
    run(task);
    add(task, 'a', { id: 'k', at: 100 }, { id: 'k', at: 101 });
    run(task);
    expect(task.metrics.late).toBe(1);
  });

  test('is the key’s state with what the records before it put, prefetched or not', () => {
    const task = startTask(topologyOf({ onRecord: note }), { cacheSize: 0 });
    add(task, 'a', { id: 'k', at: 1, act: '1' });
    run(task);
    add(task, 'a', { id: 'k', at: 2, act: '2' });
    commit(task);
    run(task);
    expect(changelog(commit(task))).toEqual([['k', { acts: ['1', '2'], timer: null }]]);
  });

  test('sends on with the key and headers at hand, at the record’s time unless given', () => {
    const task = startTask(
      topologyOf({
        onRecord: ({ value }, _seen, context) => context.forward({ ...value, act: 'out' }),
      }),
    );
    task.addRecords('a', [rawPing(0, { id: 'k', at: 1 }, { trace: 'x' })], 1, undefined);
    run(task);
    expect(commit(task)?.outputs).toEqual([
      {
        topic: 'out',
        key: Buffer.from('k'),
        value: Buffer.from('{"id":"k","at":1,"act":"out"}'),
        headers: { trace: 'x' },
      },
    ]);
  });

  test('is counted under the names it gives', () => {
    const task = startTask(
      topologyOf({
        onRecord(_record, _seen, context) {
          context.drop('duplicate');
          context.count('raised');
          context.count('raised', 2);
        },
      }),
    );
    add(task, 'a', { id: 'k', at: 1 }, { id: 'k', at: 2 });
    run(task);
    expect([...task.metrics.dropped]).toEqual([['duplicate', 2]]);
    expect([...task.metrics.events]).toEqual([['raised', 6]]);
  });
});

describe('how far a call to process goes', () => {
  test('is no further than its limit, timers counted like records', () => {
    const task = startTask(
      topologyOf({ onRecord: note, onTimer: (_k, _d, _s, context) => context.put(null) }),
    );
    catchUpOn(task, 'b', 1000);
    for (let i = 0; i < 4; i++) add(task, 'a', { id: `k${i}`, at: 10 + i, act: 'due 20' });
    add(task, 'a', { id: 'x', at: 30 }, { id: 'x', at: 31 });
    const counts = () => [task.metrics.processed, task.metrics.timersFired];
    expect(task.process(3, Infinity)).toBe(3);
    expect(counts()).toEqual([3, 0]);
    expect(task.process(4, Infinity)).toBe(4);
    expect(counts()).toEqual([5, 2]);
    expect(task.process(0, Infinity)).toBe(0);
    expect(task.process(100, Infinity)).toBe(3);
    expect(counts()).toEqual([6, 4]);
    expect(task.process(100, Infinity)).toBe(0);
  });

  test('is not past an input that may have more, when it waits for inputs', () => {
    const task = startTask(topologyOf({ onRecord: note }), { waitForInputs: true });
    add(task, 'a', { id: 'k', at: 10 }, { id: 'k', at: 30 });
    expect(run(task)).toBe(0);
    add(task, 'b', { id: 'k', at: 20 });
    // `a`@10, `b`@20, and then `b` may have something before 30.
    expect(run(task)).toBe(2);
    task.addRecords('b', [], 1, 500);
    expect(run(task)).toBe(1);
    add(task, 'b', { id: 'k', at: 40 });
    expect(run(task)).toBe(0);
  });

  test('is all there is, when it does not wait', () => {
    const task = startTask(topologyOf({ onRecord: note }), { waitForInputs: false });
    add(task, 'a', { id: 'k', at: 10 }, { id: 'k', at: 30 });
    expect(run(task)).toBe(2);
  });
});

describe('an input', () => {
  test('is caught up once what it had at its end is processed, as of then', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    catchUpOn(task, 'b', 500);
    task.addRecords(
      'a',
      [rawPing(0, { id: 'k', at: 10 }), rawPing(1, { id: 'k', at: 20 })],
      2,
      400,
    );
    expect(task.isCaughtUp).toBe(false);
    task.process(1, 1000);
    expect([task.watermark.value, task.isCaughtUp]).toEqual([10, false]);
    task.process(1, 1000);
    expect([task.watermark.value, task.isCaughtUp]).toEqual([400, true]);
  });

  test('that has more to read follows its event times, not the end it had before', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    catchUp(task, 500);
    catchUpOn(task, 'b', 1000);
    run(task);
    add(task, 'a', { id: 'k', at: 510 }, { id: 'k', at: 520 });
    task.process(1, Infinity);
    expect(task.watermark.value).toBe(510);
  });

  test('is behind again when more arrives, or its end is not known', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    catchUp(task, 500);
    expect(task.isCaughtUp).toBe(true);
    add(task, 'a');
    expect(task.isCaughtUp).toBe(false);
  });

  test('does not run ahead of the wall clock', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    catchUpOn(task, 'b', 500);
    add(task, 'a', { id: 'k', at: 400 });
    task.process(10, 300);
    expect(task.watermark.value).toBe(300);
    task.process(10, 350);
    expect(task.watermark.value).toBe(350);
  });

  test('that the task does not read is refused', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    expect(() => task.addRecords('c', [], 0, undefined)).toThrow("does not read 'c'");
  });

  test('without a place to start at is refused', () => {
    const task = startTask(topologyOf({ onRecord: note }));
    expect(() => task.start([{ topic: 'a', offset: 0, metadata: null }])).toThrow(
      "no start offset for 'b'",
    );
  });
});

test('event time goes on where the last commit left it, at the greater watermark', () => {
  const restart = (metadata: [string | null, string | null], options?: Partial<TaskOptions>) => {
    const task = startTask(topologyOf({ onRecord: note }), options);
    task.start([
      { topic: 'a', offset: 5, metadata: metadata[0] },
      { topic: 'b', offset: 6, metadata: metadata[1] },
    ]);
    return task;
  };
  const task = restart(['{"v":1,"t":100,"w":80}', '{"v":1,"t":120,"w":90}']);
  expect(task.watermark.value).toBe(90);
  run(task);
  expect(task.watermark.value).toBe(100);
  expect(restart([null, '{"v":1,"t":120,"w":90}']).watermark.value).toBe(90);
  expect(restart([null, 'set by hand']).watermark.value).toBe(-Infinity);
});

/** One input is at its end as of `instant`. */
function catchUpOn(task: Task, input: string, instant: number): void {
  const { offset } = task.fetchPositions.find(({ topic }) => topic === input)!;
  task.addRecords(input, [], offset, instant);
}
