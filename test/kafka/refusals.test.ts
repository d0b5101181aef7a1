import { ConfigResourceTypes } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { jsonSerde, KafkaStreams, StreamsBuilder, type Topic } from '#streams';
import { eventually, TestKafka } from '../support/kafka.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Line {
  readonly key: string;
  /** How much longer the state becomes, and how long what is sent on. */
  readonly kept: number;
  readonly sent: number;
}

const LIMIT = 10_000;

async function start(
  kafka: TestKafka,
  stateDir: string,
  guarantee: 'exactly_once_v2' | 'at_least_once',
  onError?: 'stop',
) {
  const lines: Topic<Line> = {
    name: `${kafka.name}-lines`,
    value: jsonSerde(),
    keyOf: ({ key }) => key,
  };
  const texts: Topic<string> = { name: `${kafka.name}-texts`, value: jsonSerde() };
  const limited = [{ name: 'max.message.bytes', value: String(LIMIT) }];
  const changelog = `${kafka.name}-sizes-changelog`;
  const letters = `${kafka.name}-dead-letter`;
  await kafka.admin.createTopics({
    waitForLeaders: true,
    topics: [
      { topic: lines.name, numPartitions: 1 },
      ...[texts.name, letters].map((topic) => ({
        topic,
        numPartitions: 1,
        configEntries: limited,
      })),
      {
        topic: changelog,
        numPartitions: 1,
        configEntries: [...limited, { name: 'cleanup.policy', value: 'compact' }],
      },
    ],
  });
  const builder = new StreamsBuilder('sizes');
  builder
    .stream(lines)
    .process<string, string>('append', {
      store: builder.store('sizes', jsonSerde<string>()),
      onRecord({ value }, text = '', context) {
        context.put(`${text}${'x'.repeat(value.kept)}`);
        context.forward('y'.repeat(value.sent));
      },
    })
    .to(texts, { onError });
  const app = new KafkaStreams(builder.build(), {
    applicationId: kafka.name,
    kafka: { brokers: kafka.env['KAFKA_BROKERS']!.split(',') },
    stateDir,
    processingGuarantee: guarantee,
  });
  const write = (all: readonly Line[]) =>
    kafka.write(
      all.map((line) => ({
        topic: lines as never,
        key: line.key,
        value: lines.value.encode(line),
      })),
    );
  const read = async (topic: string) =>
    (await kafka.readAll(topic)).map((record) => ({
      ...record,
      header: (name: string) => record.headers[`__streams.errors.${name}`]?.toString(),
    }));
  return {
    app,
    write,
    texts: () => read(texts.name),
    letters: () => read(letters),
    changes: () => read(changelog),
  };
}

describe.each(['exactly_once_v2', 'at_least_once'] as const)('%s', (guarantee) => {
  test('what is too large for its topic is a dead letter, and everything around it goes on', async () => {
    await using kafka = await TestKafka.open(1);
    await using state = await temporaryFolder();
    const { app, write, texts, letters, changes } = await start(kafka, state.path, guarantee);
    const line = (key: string, kept: number, sent: number): Line => ({ key, kept, sent });
    const many = Array.from({ length: 200 }, (_, i) => line(`k${i}`, 100, 500));
    await write([
      line('a', 10, 1),
      line('a', 10, 2 * LIMIT),
      line('a', 2 * LIMIT, 2),
      ...many,
      line('a', 10, 3),
      { ...line('b', 2 * LIMIT, 4), padding: 'z'.repeat(2 * LIMIT) } as Line,
      line('b', 20, 5),
    ]);
    app.start();
    await eventually('all to be processed', async () => {
      if (app.error) throw app.error;
      return (
        (await letters()).length >= 3 && (await texts()).some(({ value }) => value?.length === 7)
      );
    });
    await app.close();

    const sizes = [...new Set((await texts()).map(({ value }) => value!.length - 2))];
    // Without transactions, what is written stays when a state is refused after it.
    const stays = guarantee === 'at_least_once' ? [2, 4] : [];
    expect(new Set([...sizes, ...stays])).toEqual(new Set([1, 3, 5, 500, ...stays]));
    const found = new Map((await letters()).map((letter) => [letter.header('offset'), letter]));
    expect(
      [...found].map(([offset, { header }]) => [offset, header('kind'), header('node')]),
    ).toEqual([
      ['1', 'produce', `${kafka.name}-texts-sink`],
      ['2', 'produce', 'append'],
      ['204', 'produce', 'append'],
    ]);
    expect(found.get('1')!.header('message')).toMatch(/takes 10000 at most/);
    expect([found.get('1')!.key?.toString(), found.get('1')!.header('omitted')]).toEqual([
      'a',
      undefined,
    ]);
    // Larger than its topic takes itself: only where it is.
    expect([
      found.get('204')!.value,
      Number(found.get('204')!.header('omitted')) > 2 * LIMIT,
    ]).toEqual([null, true]);
    const states = new Map((await changes()).map(({ key, value }) => [String(key), value?.length]));
    expect([states.get('a'), states.get('b')]).toEqual([22, 22]);
  });

  test('where the sink says so, the application stops before the record, and goes on at it', async () => {
    await using kafka = await TestKafka.open(1);
    await using state = await temporaryFolder();
    const { app, write, texts, letters } = await start(kafka, state.path, guarantee, 'stop');
    await write([{ key: 'a', kept: 1, sent: 2 * LIMIT }]);
    app.start();
    await eventually('the stop', () => app.state === 'ERROR');
    expect(app.error).toMatchObject({
      name: 'RecordFailure',
      kind: 'produce',
      offset: 0,
      key: 'a',
    });
    await app.close();
    const topic = `${kafka.name}-texts`;
    const type = ConfigResourceTypes.TOPIC;
    const configEntries = [{ name: 'max.message.bytes', value: String(3 * LIMIT) }];
    await kafka.admin.alterConfigs({
      validateOnly: false,
      resources: [{ type, name: topic, configEntries }],
    });
    const { app: mended } = await start(kafka, state.path, guarantee, 'stop');
    mended.start();
    await eventually('the record', async () => (await texts()).length === 1);
    await mended.close();
    expect(await letters()).toEqual([]);
  });
});
