import type { Socket } from 'node:net';
import kafkajs, { type KafkaConfig } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encoder, type Encoder } from '../testing/kafkajs-protocol.ts';
import {
  FakeBroker,
  FIND_COORDINATOR,
  HEARTBEAT,
  METADATA,
  metadataAnswer,
  SASL_AUTHENTICATE,
  SASL_HANDSHAKE,
  topicsAskedFor,
  type FakeAnswer,
  type FakeRequest,
} from '../testing/fake-broker.ts';
import { KafkaJsKafka } from './kafkajs-kafka.ts';

const AT = { topic: 'orders', partition: 0, offset: 7 };
const MEMBER = { groupId: 'app', memberId: 'm', instanceId: 'i', generation: 1 };

function clientOf(broker: FakeBroker, config: Partial<KafkaConfig> = {}): KafkaJsKafka {
  const client = new KafkaJsKafka({
    brokers: [`127.0.0.1:${broker.port}`],
    logLevel: kafkajs.logLevel.NOTHING,
    requestTimeout: 500,
    ...config,
  });
  onTestFinished(() => client.close());
  return client;
}

/** A broker that leads `orders-0`, and answers the other requests as the test says. */
function leader(
  answer: (request: FakeRequest, broker: FakeBroker) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeBroker> {
  return FakeBroker.start((request, broker) =>
    request.api === METADATA
      ? metadataAnswer(new Map([[1, broker.port]]), [
          { name: 'orders', partitions: [{ leader: 1 }] },
        ])
      : answer(request, broker),
  );
}

/** No records; where the log ends tells one answer from another. */
function fetched(lastStableOffset: number): Encoder {
  const partition = encoder()
    .writeInt32(AT.partition)
    .writeInt16(0)
    .writeInt64(lastStableOffset)
    .writeInt64(lastStableOffset)
    .writeInt64(0)
    .writeInt32(-1)
    .writeBytes(Buffer.alloc(0));
  const topic = encoder().writeString(AT.topic).writeArray([partition]);
  return encoder().writeInt32(0).writeInt16(0).writeInt32(0).writeArray([topic]);
}

describe('a connection', () => {
  test('that broke off in the middle of an answer does not spoil the answers on the next one', async () => {
    let fetches = 0;
    await using broker = await leader(() => {
      fetches++;
      return fetches === 1 ? { half: fetched(10) } : fetched(20);
    });
    const client = clientOf(broker);
    await client.leader(AT);
    await expect(client.fetch(1, [AT], 100)).rejects.toMatchObject({ type: 'NETWORK' });
    expect(await client.fetch(1, [AT], 100)).toMatchObject([{ lastStableOffset: 20 }]);
  });

  test('is opened once, however many want it at the same time', async () => {
    const sockets = new Set<Socket>();
    await using broker = await FakeBroker.start(({ api, socket }, { port }) => {
      if (api !== METADATA) return fetched(10);
      sockets.add(socket);
      return metadataAnswer(new Map([[1, port]]), [
        { name: 'orders', partitions: [{ leader: 1 }] },
      ]);
    });
    const client = clientOf(broker);
    await client.leader(AT);
    await client.fetch(1, [AT], 100);
    expect(broker.connections).toBe(2); // one for fetches
    const [main] = sockets;
    main!.resetAndDestroy();
    await expect(client.partitionCounts(['orders'])).rejects.toMatchObject({ type: 'NETWORK' });
    await Promise.all(Array.from({ length: 20 }, () => client.partitionCounts(['orders'])));
    expect(broker.connections).toBe(3);
  });

  test('that is closed while another request is under way on a new one leaves that alone', async () => {
    const { promise: isClosed, resolve: closed } = Promise.withResolvers<true>();
    let fetches = 0;
    await using broker = await leader(async ({ socket }) => {
      if (++fetches > 1) {
        // The former connection's end comes while this one waits for its answer.
        await isClosed;
        return fetched(20);
      }
      socket.once('close', () => closed(true));
      return { half: fetched(10) };
    });
    const client = clientOf(broker);
    await client.leader(AT);
    await expect(client.fetch(1, [AT], 100)).rejects.toMatchObject({ type: 'NETWORK' });
    expect(await client.fetch(1, [AT], 100)).toMatchObject([{ lastStableOffset: 20 }]);
  });
});

test('a broker that is there and does not answer is not asked again, as long as another one does', async () => {
  const ports = new Map<number, number>();
  await using broker = await FakeBroker.start(() =>
    metadataAnswer(ports, [{ name: 'orders', partitions: [{ leader: 2 }] }]),
  );
  let isFrozen = false;
  let asked = 0;
  await using frozen = await FakeBroker.start((request) => {
    if (!isFrozen) return fetched(10);
    if (request.api === METADATA) asked++;
    return 'nothing';
  });
  ports.set(1, broker.port).set(2, frozen.port);
  const client = clientOf(broker);
  await client.leader(AT);
  await client.fetch(2, [AT], 100);
  isFrozen = true;
  await expect(client.fetch(2, [AT], 100)).rejects.toMatchObject({ type: 'NETWORK' });
  for (let i = 0; i < 20; i++) await client.refresh();
  expect(asked).toBe(0);
});

test('a connection that is opened anew authenticates again', async () => {
  const authenticated = new WeakSet<Socket>();
  await using broker = await FakeBroker.start(({ api, socket }, { port }) => {
    if (api === SASL_HANDSHAKE) return encoder().writeInt16(0).writeArray(['PLAIN']);
    if (api === SASL_AUTHENTICATE) {
      authenticated.add(socket);
      return encoder().writeInt16(0).writeString(null).writeBytes(Buffer.alloc(0)).writeInt64(0);
    }
    // As Kafka does with whom it does not know.
    if (!authenticated.has(socket)) return { half: encoder() };
    if (api !== METADATA) return fetches++ === 1 ? { half: fetched(10) } : fetched(10);
    return metadataAnswer(new Map([[1, port]]), [{ name: 'orders', partitions: [{ leader: 1 }] }]);
  });
  let fetches = 0;
  const client = clientOf(broker, {
    sasl: { mechanism: 'plain', username: 'someone', password: 'secret' },
  });
  await client.leader(AT);
  await client.fetch(1, [AT], 100);
  await expect(client.fetch(1, [AT], 100)).rejects.toMatchObject({ type: 'NETWORK' });
  await client.fetch(1, [AT], 100);
});

test('after a request without an answer the next one goes over a new connection', async () => {
  let fetches = 0;
  await using broker = await leader(() => (++fetches === 1 ? 'nothing' : fetched(10)));
  const client = clientOf(broker);
  await client.leader(AT);
  await expect(client.fetch(1, [AT], 100)).rejects.toMatchObject({ type: 'NETWORK' });
  await client.fetch(1, [AT], 100);
  expect(broker.connections).toBe(3);
});

test('a broker that stays away leaves nothing behind with each attempt', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  const ports = new Map<number, number>();
  await using broker = await FakeBroker.start(() =>
    metadataAnswer(ports, [{ name: 'orders', partitions: [{ leader: 2 }] }]),
  );
  const other = await FakeBroker.start(() => fetched(10));
  ports.set(1, broker.port).set(2, other.port);
  const client = clientOf(broker);
  await client.leader(AT);
  await client.fetch(2, [AT], 100);
  await other[Symbol.asyncDispose]();
  for (let i = 0; i < 30; i++) {
    expect(await client.leader(AT)).toBe(2);
    await expect(client.fetch(2, [AT], 100)).rejects.toMatchObject({ type: 'NETWORK' });
  }
  await new Promise((resolve) => setImmediate(resolve)); // warnings come a turn later
  expect(warnings).toEqual([]);
});

describe('metadata', () => {
  test('a partition without a leader is only itself without one', async () => {
    await using broker = await FakeBroker.start((_request, { port }) =>
      metadataAnswer(new Map([[1, port]]), [
        { name: 'orders', partitions: [{ leader: 1 }, { leader: -1, errorCode: 5 }] },
        { name: 'payments', partitions: [{ leader: 1 }] },
      ]),
    );
    const client = clientOf(broker);
    expect(await client.leader(AT)).toBe(1);
    expect(await client.leader({ topic: 'payments', partition: 0 })).toBe(1);
    await expect(client.leader({ ...AT, partition: 1 })).rejects.toMatchObject({
      type: 'LEADER_NOT_AVAILABLE',
    });
    await client.refresh();
    expect(await client.leader(AT)).toBe(1);
  });

  test('a topic that one may not read is refused for that reason', async () => {
    await using broker = await FakeBroker.start((_request, { port }) =>
      metadataAnswer(new Map([[1, port]]), [{ name: 'orders', errorCode: 29, partitions: [] }]),
    );
    const client = clientOf(broker);
    const refused = { type: 'TOPIC_AUTHORIZATION_FAILED', isRetriable: false };
    await expect(client.leader(AT)).rejects.toMatchObject(refused);
    await expect(client.partitionCounts(['orders'])).rejects.toMatchObject(refused);
  });

  test('a topic that does not exist has no partition count', async () => {
    await using broker = await FakeBroker.start((_request, { port }) =>
      metadataAnswer(new Map([[1, port]]), [{ name: 'orders', errorCode: 3, partitions: [] }]),
    );
    expect(await clientOf(broker).partitionCounts(['orders'])).toEqual(new Map());
  });

  test('are asked for the topics that are used, and never for all', async () => {
    const asked: (string[] | null)[] = [];
    await using broker = await FakeBroker.start((request, { port }) => {
      if (request.api === METADATA) {
        asked.push(topicsAskedFor(request));
        return metadataAnswer(new Map([[1, port]]), [
          { name: 'orders', partitions: [{ leader: 1 }] },
        ]);
      }
      if (request.api === FIND_COORDINATOR) return coordinator(1, port);
      return encoder().writeInt32(0).writeInt16(0); // heartbeat
    });
    const client = clientOf(broker);
    await client.heartbeat(MEMBER);
    await client.leader(AT);
    expect(asked).toEqual([[], ['orders']]);
  });
});

test('a coordinator is looked up at a broker that can be reached, while another one is gone', async () => {
  const ports = new Map<number, number>();
  await using broker = await FakeBroker.start((request) => {
    if (request.api === METADATA) return metadataAnswer(ports, []);
    if (request.api === FIND_COORDINATOR) return coordinator(1, ports.get(1)!);
    expect(request.api).toBe(HEARTBEAT);
    return encoder().writeInt32(0).writeInt16(0);
  });
  const gone = await FakeBroker.start(() => 'nothing');
  ports.set(1, broker.port).set(2, gone.port);
  await gone[Symbol.asyncDispose]();
  const client = clientOf(broker);
  for (let i = 0; i < 20; i++) {
    await client.heartbeat(MEMBER);
    await client.refresh(); // forgets who it was
  }
});

function coordinator(id: number, port: number): Encoder {
  return encoder()
    .writeInt32(0)
    .writeInt16(0)
    .writeString(null)
    .writeInt32(id)
    .writeString('127.0.0.1')
    .writeInt32(port);
}
