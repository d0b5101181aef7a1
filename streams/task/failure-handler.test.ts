import { describe, expect, test } from 'vitest';
import { TopologyTestDriver, type DriverOptions } from '../driver/topology-test-driver.ts';
import type { KStream } from '../dsl/kstream.ts';
import type { OnError } from '../dsl/options.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { JoinWindows, TimeWindows } from '../dsl/windows.ts';
import { RecordFailure } from '../errors.ts';
import { numberSerde } from '../serde/serdes.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';

const input = pingTopic('in');
const other = pingTopic('other');
const out = pingTopic('out');
const unwritable = pingTopic('out', {
  value: {
    ...jsonSerde<Ping>(),
    encode(): Buffer {
      throw new Error('told to');
    },
  },
});

const fails = (): never => {
  throw new Error('told to');
};

/** A topology that reads `in`, made by one step. */
function driverOf(
  add: (stream: KStream<string, Ping>, builder: StreamsBuilder) => unknown,
  options: DriverOptions & { readonly source?: OnError } = {},
): TopologyTestDriver {
  const { source, ...driver } = options;
  const builder = new StreamsBuilder('app');
  add(builder.stream(input, source), builder);
  return new TopologyTestDriver(builder.build(), { wallClock: 1000, ...driver });
}

function failureOf(run: () => void): RecordFailure {
  try {
    run();
  } catch (error) {
    if (error instanceof RecordFailure) return error;
    throw error;
  }
  return expect.unreachable('it went on');
}

const pipe = (driver: TopologyTestDriver, act = 'x') =>
  driver.pipe(input, { id: 'k', at: 1, act }, { key: 'k' });

const sums = { name: 'sums', value: numberSerde };
const zero = () => 0;

/** Every place where the user's code runs or bytes are made, and the node that is to blame. */
const places: readonly [
  kind: string,
  node: string,
  add: (stream: KStream<string, Ping>, onError: OnError, builder: StreamsBuilder) => unknown,
][] = [
  ['process', 'in-filter-1', (s, o) => s.filter(fails, o)],
  ['process', 'in-map-1', (s, o) => s.map(fails, o)],
  ['process', 'in-map-values-1', (s, o) => s.mapValues(fails, o)],
  ['process', 'in-flat-map-1', (s, o) => s.flatMap(fails, o)],
  ['process', 'in-select-key-1', (s, o) => s.selectKey(fails, o)],
  ['process', 'in-peek-1', (s, o) => s.peek(fails, o)],
  ['process', 'in-branch-1', (s, o) => s.branch({ one: fails }, o)],
  ['process', 'in-select-key-1', (s, o) => s.groupBy(fails, o).count()],
  ['process', 'general', (s, o) => s.process('general', { onRecord: fails }, o)],
  [
    'process',
    'keyed',
    (s, o, b) => s.process('keyed', { store: b.store('s', numberSerde), onRecord: fails }, o),
  ],
  ['process', 'sums', (s, o) => s.groupByKey().aggregate(fails, zero, { ...sums, ...o })],
  [
    'process',
    'sums',
    (s, o) => {
      const windowed = s.groupByKey().windowedBy(TimeWindows.ofSizeAndGrace(10, 0));
      return windowed.aggregate(fails, zero, { ...sums, ...o });
    },
  ],
  [
    'process',
    'joined',
    (s, o) =>
      s.leftJoin(s, fails, JoinWindows.ofTimeDifferenceAndGrace(1, 0), { name: 'joined', ...o }),
  ],
  [
    'process',
    'looked-up',
    (s, o, b) => s.leftJoin(b.table(other), fails, { name: 'looked-up', ...o }),
  ],
  ['produce', 'out-sink', (s, o) => s.to(unwritable, o)],
];

describe('a failure', () => {
  test.each(places)(
    '%s in %s is a dead letter that names the node, or stops where its policy says so',
    (kind, node, add) => {
      const tolerant = driverOf((stream, builder) => add(stream, {}, builder));
      pipe(tolerant);
      expect(tolerant.readDeadLetters()).toMatchObject([
        { headers: { '__streams.errors.kind': kind, '__streams.errors.node': node } },
      ]);
      expect([...tolerant.metrics.deadLetters]).toEqual([[`${kind} ${node}`, 1]]);

      const strict = driverOf((stream, builder) => add(stream, { onError: 'stop' }, builder));
      expect(failureOf(() => pipe(strict))).toMatchObject({ kind, node, task: '0_0' });
    },
  );

  test('is that of the innermost node, also behind others that it passes on its way out', () => {
    const driver = driverOf((stream) =>
      stream
        .filter(() => true)
        .process<Ping>('pass', { onRecord: (record, context) => context.forward(record) })
        .mapValues(fails, { name: 'deep' })
        .to(out),
    );
    pipe(driver);
    expect([...driver.metrics.deadLetters.keys()]).toEqual(['process deep']);
  });

  test('that a step catches is not blamed for its own', () => {
    const driver = driverOf((stream) =>
      stream
        .process<Ping>('catching', {
          onRecord(record, context) {
            try {
              context.forward(record);
            } catch {
              throw new Error('its own');
            }
          },
        })
        .mapValues(fails, { name: 'deep' })
        .to(out),
    );
    pipe(driver);
    expect([...driver.metrics.deadLetters.keys()]).toEqual(['process catching']);
  });
});

describe('the policy', () => {
  test.each([
    ['onDeserializationError', 'deserialize', 'in-source'],
    ['onProcessingError', 'process', 'in-map-values-1'],
    ['onProductionError', 'produce', 'out-sink'],
  ] as const)('of the application, %s, holds for %s', (setting, kind, node) => {
    const add = (stream: KStream<string, Ping>) => {
      if (kind === 'produce') stream.to(unwritable);
      else if (kind === 'process') stream.mapValues(fails);
      else stream.peek(() => undefined);
    };
    const run = (driver: TopologyTestDriver) => {
      if (kind === 'deserialize') driver.pipeBytes('in', Buffer.from('k'), Buffer.from('{'));
      else pipe(driver);
    };
    const strict = driverOf(add, { [setting]: 'stop' });
    expect(failureOf(() => run(strict))).toMatchObject({ kind, node });
    const others = ['onDeserializationError', 'onProcessingError', 'onProductionError'];
    const elsewhere = others.filter((each) => each !== setting).map((each) => [each, 'stop']);
    const tolerant = driverOf(add, Object.fromEntries(elsewhere) as DriverOptions);
    run(tolerant);
    expect(tolerant.readDeadLetters()).toHaveLength(1);
  });

  test('of a source or a step wins over the application’s', () => {
    const tolerant = driverOf((stream) => stream.mapValues(fails, { onError: 'dead-letter' }), {
      onProcessingError: 'stop',
      onDeserializationError: 'stop',
      source: { onError: 'dead-letter' },
    });
    pipe(tolerant);
    tolerant.pipeBytes('in', Buffer.from('k'), Buffer.from('{'));
    expect(tolerant.readDeadLetters()).toHaveLength(2);

    const strict = driverOf(() => undefined, { source: { onError: 'stop' } });
    expect(() => strict.pipeBytes('in', Buffer.from('k'), Buffer.from('{'))).toThrow(RecordFailure);
  });

  test('of a table is that of its source', () => {
    const builder = new StreamsBuilder('app');
    builder.table(input, { onError: 'stop' });
    const driver = new TopologyTestDriver(builder.build());
    expect(() => driver.pipeBytes('in', Buffer.from('k'), Buffer.from('{'))).toThrow(RecordFailure);
  });

  test('of a repartition is that of writing and reading its topic', () => {
    const encode = fails as unknown as (value: Ping) => Buffer;
    const broken = { ...jsonSerde<Ping>(), encode };
    const driver = driverOf((s) => s.repartition({ name: 'r', value: broken, onError: 'stop' }));
    expect(failureOf(() => pipe(driver))).toMatchObject({ node: 'r-repartition-sink' });
    const unreadable = { ...jsonSerde<Ping>(), decode: fails as () => Ping };
    const reading = driverOf((s) =>
      s.repartition({ name: 'r', value: unreadable, onError: 'stop' }).to(out),
    );
    expect(failureOf(() => pipe(reading))).toMatchObject({
      kind: 'deserialize',
      task: '1_0',
      topic: 'app-r-repartition',
    });
  });
});

describe('stopping', () => {
  test('says what failed, where, and what to do', () => {
    const driver = driverOf((stream) => stream.mapValues(fails, { name: 'double' }), {
      onProcessingError: 'stop',
    });
    const { message, cause, ...failed } = failureOf(() => pipe(driver));
    expect(message).toBe(
      "task 0_0: in-0@0, key 'k': 'double' failed (process): told to; nothing from there on is committed. Mend what is " +
        "wrong, or let it become a dead letter (onError of 'double', or onProcessingError: 'dead-letter'), and start again: " +
        'it goes on there',
    );
    expect((cause as Error).message).toBe('told to');
    expect(failed).toEqual({
      name: 'RecordFailure',
      kind: 'process',
      task: '0_0',
      node: 'double',
      topic: 'in',
      partition: 0,
      offset: 0,
      key: 'k',
    });
  });

  test('is before the record: what is committed then is what came before it, and the next run goes on there', () => {
    let isMended = false;
    const driver = driverOf(
      (stream, builder) =>
        stream
          .process<number, Ping>('number', {
            store: builder.store('count', numberSerde),
            onRecord({ value }, count = 0, context) {
              context.put(count + 1);
              context.forward({ ...value, act: `${value.act} is ${count + 1}` });
              if (value.act === 'bad' && !isMended) throw new Error('told to');
            },
          })
          .to(out),
      { onProcessingError: 'stop', autoCommit: false },
    );
    pipe(driver, 'one');
    expect(() => pipe(driver, 'bad')).toThrow(RecordFailure);
    driver.commit();
    expect(driver.read(out).map(({ value }) => value.act)).toEqual(['one is 1']);
    isMended = true;
    driver.crash();
    pipe(driver, 'three');
    driver.commit();
    expect(driver.read(out).map(({ value }) => value.act)).toEqual(['bad is 2', 'three is 3']);
    expect(driver.readDeadLetters()).toEqual([]);
  });

  test('names a timer and a punctuation by node and time', () => {
    const builder = new StreamsBuilder('app');
    builder.stream(input).process<number, Ping>('watch', {
      store: builder.store('due', numberSerde),
      timer: (at) => at,
      onRecord: ({ value }, _was, context) => context.put(value.at),
      onTimer: fails,
      every: { ms: 10, run: fails },
    });
    const topology = builder.build();
    const options = { onProcessingError: 'stop', wallClock: 0, allowedLatenessMs: 0 } as const;
    const timer = new TopologyTestDriver(topology, options);
    const late = failureOf(() => {
      pipe(timer);
      timer.advanceWatermarkTo(5);
    });
    expect(late.message).toContain("timer of 'watch' at 1970-01-01T00:00:00.001Z, key 'k'");
    expect(late).toMatchObject({ kind: 'timer', node: 'watch', key: 'k' });
    expect(late).not.toHaveProperty('offset');
    const punctuation = new TopologyTestDriver(topology, options);
    const failed = failureOf(() => {
      pipe(punctuation);
      punctuation.advanceWallClockTo(10);
    });
    expect(failed.message).toContain("punctuation of 'watch' at 1970-01-01T00:00:00.010Z: ");
    expect(failed).toMatchObject({ kind: 'punctuate', node: 'watch' });
  });

  test('shows a key that is no text in hexadecimal, and a long one in part', () => {
    const stop = { onDeserializationError: 'stop' } as const;
    const keyOf = (key: Buffer) => {
      const driver = driverOf(() => undefined, stop);
      return failureOf(() => driver.pipeBytes('in', key, Buffer.from('{'))).key;
    };
    expect(keyOf(Buffer.from([0, 255]))).toBe('0x00ff');
    expect(keyOf(Buffer.from('x'.repeat(1000)))).toBe(`${'x'.repeat(100)}…`);
  });
});
