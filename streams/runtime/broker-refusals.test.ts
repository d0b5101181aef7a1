import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { RecordFailure, StreamsException } from '../errors.ts';
import { NO_HEADERS } from '../processor/record.ts';
import { numberSerde } from '../serde/serdes.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { LAYOUT_KEY } from '../state/layout.ts';
import type { OutputRecord, TaskCommit } from '../task/commit.ts';
import type { Task } from '../task/task.ts';
import { rawPing, startTask } from '../testing/tasks.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';
import { BrokerRefusals } from './broker-refusals.ts';
import type { KafkaError } from './kafka/kafka.ts';
import { sizeAlone } from './kafka/record-batch.ts';
import { LeapingClock } from './testing/clocks.ts';
import { collectingLogger, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const TOO_LARGE = kafkaError('MESSAGE_TOO_LARGE');
const STATES = 'app-texts-changelog';
const input = pingTopic('in');
const out = pingTopic('out');

function says(bytes: number | undefined): () => Promise<number | undefined> {
  return () => Promise.resolve(bytes);
}

/** What an application has learned, from a broker that says (or does not say) what its topics take. */
function refusalsOf(maxMessageBytes = says(undefined)) {
  const clock = new LeapingClock();
  const logger = collectingLogger();
  const kafka = stubKafka({ maxMessageBytes });
  return { clock, logger, refusals: new BrokerRefusals({ kafka, clock, logger }) };
}

function sized(size: number, topic = STATES): OutputRecord {
  const empty = { topic, key: Buffer.from('k'), value: Buffer.alloc(0), headers: NO_HEADERS };
  const record = { ...empty, value: Buffer.alloc(size - sizeAlone(empty) - 2) };
  expect(sizeAlone(record)).toBe(size);
  return record;
}

/** Reads `in`, keeps how much was read of each key in a text as long, and sends it on. */
function taskOf(refusals: BrokerRefusals, onError?: 'stop'): Task {
  const builder = new StreamsBuilder('app');
  builder
    .stream(input)
    .process<string, Ping>('append', {
      store: builder.store('texts', jsonSerde<string>()),
      onRecord({ value }, text = '', context) {
        context.put(`${text}${'x'.repeat(Number(value.act))}`);
        context.forward({ ...value, act: 'y'.repeat(value.at) });
      },
    })
    .to(out, { onError });
  return startTask(builder.build(), { refusals, backend: new MemoryBackend() });
}

/** Reads one ping after the other: how much longer the state becomes, and how long the output. */
function read(task: Task, ...pings: readonly (readonly [longer: number, length: number])[]) {
  const raw = pings.map(([longer, at], i) => rawPing(i, { id: 'k', at, act: String(longer) }));
  task.addRecords('in', raw, raw.length, undefined);
  task.process(100, 0);
  return task.prepareCommit()!;
}

const letters = ({ outputs }: TaskCommit) =>
  outputs
    .filter(({ topic }) => topic === 'app-dead-letter')
    .map(({ headers }) =>
      ['offset', 'kind', 'node'].map((name) => headers[`__streams.errors.${name}`]).join(' '),
    );

const stateOf = ({ changelog }: TaskCommit) =>
  changelog.find(({ key }) => !key!.equals(LAYOUT_KEY))!;

const refuse = (record: OutputRecord, error: KafkaError = TOO_LARGE) => [{ record, error }];

describe('the limit of a topic', () => {
  test('is what the broker says, once a record has met it, and is told', async () => {
    const { refusals, logger } = refusalsOf(says(1000));
    expect(refusals.tooLarge(sized(5000))).toBe(undefined);
    await refusals.learn(taskOf(refusals), refuse(sized(5000)));
    expect(refusals.hasLimit(STATES)).toBe(true);
    expect(refusals.tooLarge(sized(1000))).toBe(undefined);
    expect(refusals.tooLarge(sized(1001))?.message).toBe(
      `it takes 1001 bytes, and '${STATES}' takes 1000 at most (max.message.bytes)`,
    );
    expect(refusals.hasLimit('other')).toBe(false);
    expect(refusals.tooLarge(sized(5000, 'other'))).toBe(undefined);
    expect(logger.warnings.map(([fields]) => fields)).toEqual([
      { topic: STATES, size: 5000, limit: 1000 },
    ]);
  });

  test.each([
    ['it is not for us to read', says(undefined)],
    ['the broker does not answer', () => Promise.reject(kafkaError('NETWORK'))],
    ['it must have been another one', says(9000)],
  ])('is below the least that was refused, when %s', async (_, maxMessageBytes) => {
    const { refusals } = refusalsOf(maxMessageBytes);
    const task = taskOf(refusals);
    await refusals.learn(task, [
      ...refuse(sized(5000)),
      ...refuse(sized(3000)),
      ...refuse(sized(4000)),
    ]);
    expect(refusals.tooLarge(sized(2999))).toBe(undefined);
    expect(refusals.tooLarge(sized(3000))).toBeDefined();
  });

  test('is tried again after a minute: it may have been raised', async () => {
    const { refusals, clock } = refusalsOf(says(1000));
    await refusals.learn(taskOf(refusals), refuse(sized(5000)));
    clock.pass(59_999);
    expect(refusals.hasLimit(STATES)).toBe(true);
    clock.pass(1);
    expect([refusals.hasLimit(STATES), refusals.tooLarge(sized(5000))]).toEqual([false, undefined]);
  });
});

describe('a task that starts again', () => {
  test('makes dead letters of exactly the records whose results are too large', async () => {
    const { refusals } = refusalsOf(says(1000));
    const pings = [
      [1, 10],
      [1, 2000],
      [1, 20],
    ] as const;
    const first = taskOf(refusals);
    const refused = read(first, ...pings);
    await refusals.learn(first, refuse(refused.outputs[1]!));
    const commit = read(taskOf(refusals), ...pings);
    expect(letters(commit)).toEqual(['1 produce out-sink']);
    expect(stateOf(commit).value!.toString()).toBe('"xx"');
    expect(commit.outputs.map(({ topic }) => topic)).toEqual(['out', 'app-dead-letter', 'out']);
  });

  test('makes dead letters of exactly the records that make a state too large', async () => {
    const { refusals } = refusalsOf(says(1000));
    const pings = [
      [500, 1],
      [5000, 1],
      [10, 1],
    ] as const;
    const first = taskOf(refusals);
    await refusals.learn(first, refuse(stateOf(read(first, ...pings))));
    const commit = read(taskOf(refusals), ...pings);
    expect(letters(commit)).toEqual(['1 produce append']);
    expect(stateOf(commit).value!.toString()).toBe(`"${'x'.repeat(510)}"`);
    expect(commit.outputs.find(({ topic }) => topic === 'app-dead-letter')?.headers).toMatchObject({
      '__streams.errors.message': expect.stringContaining("store 'texts'") as string,
    });
  });

  test('sets aside what the broker refuses for another reason, until that is committed', async () => {
    const { refusals } = refusalsOf();
    const pings = [
      [1, 10],
      [1, 11],
    ] as const;
    const first = taskOf(refusals);
    const refused = read(first, ...pings);
    await refusals.learn(first, refuse(refused.outputs[0]!, kafkaError('INVALID_RECORD')));

    for (const round of ['again', 'after another failure']) {
      const task = taskOf(refusals);
      const commit = read(task, ...pings);
      expect(letters(commit), round).toEqual(['0 produce out-sink']);
      expect(stateOf(commit).value!.toString()).toBe('"x"');
    }
    const task = taskOf(refusals);
    read(task, ...pings);
    task.postCommit(new Map());
    expect(refusals.setAside('0_0')).toBe(undefined);
    expect(letters(read(taskOf(refusals), ...pings))).toEqual([]);
  });

  test.each([
    [TOO_LARGE, says(1000)],
    [kafkaError('INVALID_RECORD'), undefined],
  ])('stops before the record, where the sink says so: $type', async (error, maxMessageBytes) => {
    const { refusals } = refusalsOf(maxMessageBytes);
    const first = taskOf(refusals, 'stop');
    const { outputs } = read(first, [1, 10], [1, 2000]);
    await refusals.learn(first, refuse(outputs[1]!, error));
    const failure = () => read(taskOf(refusals, 'stop'), [1, 10], [1, 2000]);
    expect(failure).toThrow(RecordFailure);
    expect(failure).toThrow(/task 0_0: in-0@1, key 'k': 'out-sink' failed \(produce\): can't be/);
  });

  test('sets a timer aside, and a punctuation as soon as it starts', async () => {
    const { refusals } = refusalsOf();
    const builder = new StreamsBuilder('app');
    builder
      .stream(input)
      .process<number, Ping>('watch', {
        store: builder.store('due', numberSerde),
        timer: (at) => at,
        onRecord: ({ value }, _was, context) => context.put(value.at),
        onTimer(key, at, _state, context) {
          context.put(null);
          context.forward({ id: key, at });
        },
        every: {
          ms: 10,
          run: (context) => context.forward({ key: 'p', value: { id: 'p', at: 1 } }),
        },
      })
      .to(out);
    const run = () => {
      const task = startTask(builder.build(), { refusals });
      task.addRecords('in', [rawPing(0, { id: 'k', at: 5 })], 1, undefined);
      task.process(10, 0);
      task.addRecords('in', [], 1, 10);
      task.process(10, 10);
      return { task, commit: task.prepareCommit()! };
    };
    const { task, commit } = run();
    expect(commit.outputs.map(({ topic }) => topic)).toEqual(['out', 'out']);
    const error = kafkaError('INVALID_RECORD');
    await refusals.learn(
      task,
      commit.outputs.map((record) => ({ record, error })),
    );
    const again = run().commit.outputs.filter(({ topic }) => topic === 'app-dead-letter');
    expect(
      again.map(({ key, headers }) => [key?.toString(), headers['__streams.errors.time']]),
    ).toEqual([
      [undefined, '10'],
      ['k', '5'],
    ]);
  });
});

describe('what no restart mends stops the application', () => {
  test('the time of this machine', async () => {
    const { refusals } = refusalsOf();
    const learning = refusals.learn(
      taskOf(refusals),
      refuse(sized(500), kafkaError('INVALID_TIMESTAMP')),
    );
    await expect(learning).rejects.toThrow(StreamsException);
    await expect(learning).rejects.toThrow(
      /does not take the time of this machine, 1970-.*set the clock/,
    );
  });

  test('a state that the broker calls invalid', async () => {
    const { refusals } = refusalsOf();
    const task = taskOf(refusals);
    const invalid = refuse(stateOf(read(task, [1, 1])), kafkaError('INVALID_RECORD'));
    const learning = refusals.learn(task, invalid);
    await expect(learning).rejects.toThrow(StreamsException);
    await expect(learning).rejects.toThrow(/'app-texts-changelog', which is the application's own/);
  });

  test('a dead letter of which not even a reference is taken', async () => {
    const { refusals } = refusalsOf();
    const task = taskOf(refusals);
    task.addRecords('in', [{ ...rawPing(0, { id: 'k', at: 1 }), value: null }], 1, undefined);
    task.process(1, 0);
    const learning = refusals.learn(task, refuse(task.prepareCommit()!.outputs[0]!));
    await expect(learning).rejects.toThrow(StreamsException);
    await expect(learning).rejects.toThrow(/'app-dead-letter', .* raise its max.message.bytes/);
  });
});
