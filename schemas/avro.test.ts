import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avroSerde } from './avro.ts';
import { parseContract } from './contract.ts';
import { valueOf } from './testing/arbitrary.ts';
import { topics, type AvroTopic } from './topics.ts';

const all: AvroTopic<unknown>[] = Object.values(topics);

describe.each(all)('$name', ({ schema, value: serde }) => {
  test('every value comes back as it was', () => {
    fc.assert(
      fc.property(valueOf(schema), (value) => {
        expect({ ...(serde.decode(serde.encode(value)) as object) }).toEqual(value);
      }),
    );
  });

  test('bytes that end early are refused, wherever they end', () => {
    fc.assert(
      fc.property(valueOf(schema), fc.nat(), (value, cut) => {
        const bytes = serde.encode(value);
        expect(() => serde.decode(bytes.subarray(0, cut % bytes.length))).toThrow();
      }),
    );
  });

  test('bytes left over are refused', () => {
    fc.assert(
      fc.property(valueOf(schema), fc.uint8Array({ minLength: 1 }), (value, rest) => {
        const bytes = Buffer.concat([serde.encode(value), rest]);
        expect(() => serde.decode(bytes)).toThrow(/left over/);
      }),
    );
  });

  test('any bytes decode to a value or to an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          serde.encode(serde.decode(Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

test('what was decoded survives when the buffer it came from is used again', () => {
  const serde = topics.paymentStatusObserved.value;
  const bytes = serde.encode(payment('evt_1'));
  const response = Buffer.concat([Buffer.alloc(100), bytes]);
  const value = serde.decode(response.subarray(100));
  response.fill(0);
  expect(value.eventId).toBe('evt_1');
});

test('encoded bytes are not changed by the next encoding', () => {
  const serde = topics.paymentStatusObserved.value;
  const first = serde.encode(payment('evt_1'));
  serde.encode(payment('evt_2'));
  expect(serde.decode(first).eventId).toBe('evt_1');
});

test('a value longer than any before is encoded whole', () => {
  const serde = topics.paymentStatusObserved.value;
  const long = payment('x'.repeat(1_000_000));
  expect(serde.decode(serde.encode(long))).toEqual(long);
});

test('a value that does not fit is refused by name', () => {
  const serde = topics.paymentStatusObserved.value;
  expect(() => serde.encode({ ...payment('e'), source: 'FAX' as 'POLLING' })).toThrow(/FAX/);
  expect(() => serde.encode({ ...payment('e'), occurredAt: 2 ** 53 })).toThrow();
  expect(() => serde.encode({ ...payment('e'), orderNo: null as unknown as string })).toThrow();
});

test('two contracts may define the same name', () => {
  const contract = (symbols: string[]) =>
    parseContract(
      JSON.stringify({
        type: 'record',
        name: 'Same',
        fields: [{ name: 'word', type: { type: 'enum', name: 'Word', symbols } }],
      }),
    );
  const [one, two] = [avroSerde(contract(['A', 'B'])), avroSerde(contract(['B']))];
  expect(one.encode({ word: 'B' })).toEqual(Buffer.from([2]));
  expect(two.encode({ word: 'B' })).toEqual(Buffer.from([0]));
});

function payment(eventId: string) {
  return {
    orderNo: 'ORD-1',
    status: 'CAPTURED',
    eventId,
    occurredAt: 1_706_789_000_000,
    source: 'WEBHOOK' as const,
  };
}
