import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { avroSerde } from './avro.ts';
import { loadContract, type RecordSchema } from './contract.ts';
import { SchemaRegistry, type RegistrySerde } from './registry.ts';
import { FakeRegistry } from './testing/fake-registry.ts';
import { renamed, topics } from './topics.ts';

const topic = topics.paymentStatusObserved;
const payment = {
  orderNo: 'ORD-1',
  status: 'CAPTURED',
  eventId: 'evt_1',
  occurredAt: 1_706_789_000_000,
  source: 'WEBHOOK' as const,
};

let fake: FakeRegistry;
let clock = 0;
let registry: SchemaRegistry;

beforeEach(async () => {
  fake = await FakeRegistry.start();
  clock = 1_000;
  registry = open(fake.url);
});
afterEach(() => fake.stop());

describe('register', () => {
  test('names the subject after the topic and makes it FULL_TRANSITIVE', async () => {
    await registry.register(renamed(topic, 'elsewhere'));
    expect([...fake.levels]).toEqual([['elsewhere-value', 'FULL_TRANSITIVE']]);
  });

  test('sets the compatibility before the first schema is there', async () => {
    await registry.register(topic);
    const put = fake.requests.indexOf('PUT /config/payment-status-observed-value');
    const post = fake.requests.indexOf('POST /subjects/payment-status-observed-value/versions');
    expect(put).toBeGreaterThanOrEqual(0);
    expect(put).toBeLessThan(post);
  });

  test('can be repeated, also by another process at the same time', async () => {
    const ids = await Promise.all([registry, open(fake.url)].map((each) => each.register(topic)));
    ids.push(await registry.register(topic));
    expect(new Set(ids).size).toBe(1);
    expect(fake.schemas).toHaveLength(1);
  });

  test('raises the compatibility of a subject that another writer registered first', async () => {
    fake.levels.set('payment-status-observed-value', 'BACKWARD');
    await registry.register(topic);
    expect(fake.levels.get('payment-status-observed-value')).toBe('FULL_TRANSITIVE');
  });

  test('says which subject was refused, why and by whom', async () => {
    fake.refuses = true;
    await expect(registry.register(topic)).rejects.toThrow(
      `could not register payment-status-observed-value: incompatible schema (schema registry at ${fake.url})`,
    );
  });
});

describe('the wire format', () => {
  test('is a zero, the id in four bytes big endian, and plain Avro', async () => {
    for (let i = 0; i < 257; i++) fake.schemas.push(`"filler ${String(i)}"`);
    await registry.register(topic);
    const bytes = registry.serde(topic).encode(payment);
    expect(bytes.subarray(0, 5).toString('hex')).toBe('0000000102');
    expect(bytes.subarray(5)).toEqual(topic.value.encode(payment));
  });

  test('what was encoded can be decoded at once by the process that registered', async () => {
    await registry.register(topic);
    const serde = registry.serde(topic);
    const bytes = serde.encode(payment);
    expect(serde.load(bytes)).toBeUndefined();
    expect(serde.decode(bytes)).toEqual(payment);
  });

  test('encoding before registering says what to do', () => {
    expect(() => registry.serde(topic).encode(payment)).toThrow(/registry.register/);
  });

  test.each([
    ['nothing', ''],
    ['a header cut short', '00000000'],
    ['another magic byte', '0100000001'],
    ['JSON', Buffer.from('{"orderNo":1}').toString('hex')],
  ])('%s is refused without asking the registry', (_, hex) => {
    const serde = registry.serde(topic);
    const bytes = Buffer.from(hex, 'hex');
    expect(serde.load(bytes)).toBeUndefined();
    expect(() => serde.decode(bytes)).toThrow(/do not start with 0x00 and a schema id/);
    expect(fake.requests).toEqual([]);
  });

  test('bytes that end early or late are refused', () => {
    const id = fake.add(topic.schema);
    const bytes = wire(id, topic.value.encode(payment));
    return loaded(registry.serde(topic), bytes).then((serde) => {
      expect(() => serde.decode(bytes.subarray(0, -1))).toThrow(/end in the middle/);
      expect(() => serde.decode(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(/1 bytes are left/);
    });
  });

  test('what was decoded survives when the buffer it came from is used again', async () => {
    const bytes = wire(fake.add(topic.schema), topic.value.encode(payment));
    const response = Buffer.concat([Buffer.alloc(50), bytes, Buffer.alloc(50)]);
    const slice = response.subarray(50, 50 + bytes.length);
    const value = (await loaded(registry.serde(topic), slice)).decode(slice);
    response.fill(0xff);
    expect(value).toEqual(payment);
  });
});

describe('loading', () => {
  test('many records of one id cost one request, and nothing once it is known', async () => {
    const bytes = wire(fake.add(topic.schema), topic.value.encode(payment));
    const serde = registry.serde(topic);
    const [first, second] = [serde.load(bytes), serde.load(bytes)];
    expect(first).toBeInstanceOf(Promise);
    expect(second).toBe(first);
    expect(() => serde.decode(bytes)).toThrow(/not loaded yet/);
    await first;
    expect(serde.load(bytes)).toBeUndefined();
    expect(serde.decode(bytes)).toEqual(payment);
    expect(registry.serde(topic).load(bytes)).toBeUndefined();
    expect(fake.requests).toHaveLength(1);
  });

  test('an id that does not exist is an error of the record, and asked for again after 30 s', async () => {
    const serde = registry.serde(topic);
    const bytes = wire(1, topic.value.encode(payment));
    await serde.load(bytes);
    expect(() => serde.decode(bytes)).toThrow(/schema 1, which the registry does not know/);

    const asked = fake.requests.length;
    clock += 29_999;
    expect(serde.load(bytes)).toBeUndefined();
    expect(fake.requests).toHaveLength(asked);

    fake.add(topic.schema); // registered at last
    clock += 1;
    await serde.load(bytes);
    expect(serde.decode(bytes)).toEqual(payment);
  });

  test('garbage ids do not fill the memory', async () => {
    const serde = registry.serde(topic);
    for (let id = 1; id <= 1_001; id++) await serde.load(wire(id, Buffer.alloc(0)));
    expect(serde.load(wire(2, Buffer.alloc(0)))).toBeUndefined();
    const again = serde.load(wire(1, Buffer.alloc(0)));
    expect(again).toBeInstanceOf(Promise);
    await again;
  });

  test.each([
    ['a proxy', { status: 404, body: '<html>no such page</html>' }],
    ['a registry at another path', { status: 404, body: '' }],
    ['a registry that refuses the user', { status: 401, body: '{"message":"who are you?"}' }],
    ['a registry that fails', { status: 503, body: '{"message":"later"}' }],
  ])('%s is no answer: it rejects, and remembers nothing', async (_, fault) => {
    const bytes = wire(fake.add(topic.schema), topic.value.encode(payment));
    const serde = registry.serde(topic);
    fake.fault = fault;
    await expect(serde.load(bytes)).rejects.toThrow(fake.url);
    fake.fault = undefined;
    await serde.load(bytes);
    expect(serde.decode(bytes)).toEqual(payment);
  });

  test('a registry that is away rejects with its address', async () => {
    const url = fake.url;
    await fake.stop();
    await expect(registry.serde(topic).load(wire(1, Buffer.alloc(0)))).rejects.toThrow(url);
  });

  test('a password in the address is sent, and not shown', async () => {
    const guarded = open(fake.url.replace('http://', 'http://me:s%40cret@'));
    fake.fault = { status: 401, body: '{"message":"no"}' };
    const failure: unknown = await guarded.register(topic).catch((error: unknown) => error);
    expect(String(failure)).not.toMatch(/s(%40|@)cret/);
    expect(String(failure)).toContain(fake.url);
  });
});

describe('other versions of the schema', () => {
  const base = loadContract('payment-status-observed');

  test('a field that the reader does not have is left out, one that the writer lacks is its default', async () => {
    const writer: RecordSchema = {
      ...base,
      fields: [
        ...base.fields.filter((field) => field.name !== 'source'),
        { name: 'shop', type: ['null', 'string'], default: null },
      ],
    };
    const bytes = wire(fake.add(writer), avroSerde(writer).encode({ ...payment, shop: 'here' }));
    const serde = await loaded(registry.serde(topic), bytes);
    expect(serde.decode(bytes)).toEqual({ ...payment, source: 'UNKNOWN' });
  });

  test('a word that the reader does not have is UNKNOWN', async () => {
    const order = loadContract('order-status-changed');
    const writer = JSON.parse(
      JSON.stringify(order).replace('"FAILED"', '"FAILED","SHIPPED"'),
    ) as RecordSchema;
    const value = {
      orderNo: 'ORD-1',
      status: 'SHIPPED',
      paymentStatus: null,
      updatedAt: 1,
      paymentExpiresAt: null,
      reason: null,
    };
    const bytes = wire(fake.add(writer), avroSerde(writer).encode(value));
    const serde = await loaded(registry.serde(topics.orderStatusChanged), bytes);
    expect(serde.decode(bytes)).toEqual({ ...value, status: 'UNKNOWN' });
  });

  test('a record of another contract is refused, and both are named', async () => {
    const bytes = wire(fake.add(topics.alertRaised.schema), Buffer.alloc(10));
    const serde = await loaded(registry.serde(topic), bytes);
    expect(() => serde.decode(bytes)).toThrow(
      /topic payment-status-observed: written with schema 1 \(ec\.alerts\.AlertRaised\), .* as ec\.payments\.PaymentStatusObserved/,
    );
  });

  test('a schema that is no Avro is an error of the record, not of the registry', async () => {
    const bytes = wire(fake.add({ type: 'no such type' }), Buffer.alloc(10));
    const serde = await loaded(registry.serde(topic), bytes);
    expect(() => serde.decode(bytes)).toThrow(/schema 1 is unusable/);
  });

  test('records of several writers can be mixed', async () => {
    const writer: RecordSchema = { ...base, fields: [...base.fields].reverse() };
    const old = wire(fake.add(base), avroSerde(base).encode(payment));
    const reversed = wire(fake.add(writer), avroSerde(writer).encode(payment));
    const serde = registry.serde(topic);
    await loaded(serde, old);
    await loaded(serde, reversed);
    for (const bytes of [old, reversed, old, old, reversed]) {
      expect(serde.load(bytes)).toBeUndefined();
      expect(serde.decode(bytes)).toEqual(payment);
    }
  });
});

function open(url: string): SchemaRegistry {
  return new SchemaRegistry({ url, now: () => clock });
}

function wire(id: number, avro: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, avro]);
}

async function loaded<V>(serde: RegistrySerde<V>, bytes: Buffer): Promise<RegistrySerde<V>> {
  await serde.load(bytes);
  return serde;
}
