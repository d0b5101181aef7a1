import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decoder, encoder, sizeOfVarLong } from '../testing/kafkajs-protocol.ts';
import { ByteReader, ByteWriter, varintSize } from './varint.ts';

/** Of every length, not only the long ones that random numbers are. */
const integer = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer(),
  fc.integer({ min: -(2 ** 33), max: 2 ** 33 }),
  fc.integer({ min: -(2 ** 52), max: Number.MAX_SAFE_INTEGER }),
);
const safe = fc.maxSafeInteger();
const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

describe('a varint', () => {
  test('reads as written, byte for byte as kafkajs has it', () => {
    fc.assert(
      fc.property(integer, (value) => {
        const bytes = new ByteWriter().varint(value).slice();
        expect(bytes).toEqual(encoder().writeVarLong(value.toString()).buffer);
        const reader = new ByteReader(bytes);
        expect(reader.varint()).toBe(value);
        expect(reader.position).toBe(bytes.length);
        expect(decoder(bytes).readVarLong().toString()).toBe(value.toString());
      }),
    );
  });

  test('takes as many bytes as its size says', () => {
    fc.assert(
      fc.property(integer, (value) => {
        expect(new ByteWriter().varint(value).slice()).toHaveLength(varintSize(value));
        expect(varintSize(value)).toBe(sizeOfVarLong(value.toString()));
      }),
    );
  });

  const edges = [6, 7, 13, 14, 20, 27, 28, 30, 31, 32, 34, 35, 41, 48, 51].flatMap((bits) => {
    const power = 2 ** bits;
    return [power - 1, power, power + 1, -power + 1, -power, -power - 1];
  });

  test.each([0, -0, -1, Number.MAX_SAFE_INTEGER, -(2 ** 52), ...edges])(
    'of %d is read as it was',
    (value) => {
      const bytes = new ByteWriter().varint(value).slice();
      expect(new ByteReader(bytes).varint()).toBe(value === 0 ? 0 : value);
      expect(bytes).toEqual(encoder().writeVarLong(value.toString()).buffer);
    },
  );

  test('without an end is refused', () => {
    expect(() => new ByteReader(Buffer.alloc(20, 0xff)).varint()).toThrow(RangeError);
    expect(() => new ByteReader(Buffer.alloc(3, 0xff)).varint()).toThrow(RangeError);
  });
});

describe('integers of a fixed size', () => {
  test('read as written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -128, max: 127 }),
        fc.integer({ min: -32768, max: 32767 }),
        fc.integer(INT32),
        safe,
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (int8, int16, int32, int64, bigInt64) => {
          const writer = new ByteWriter(1);
          writer.int8(int8).int16(int16).int32(int32).int64(int64).int64(bigInt64);
          const reader = new ByteReader(writer.slice());
          expect([reader.int8(), reader.int16(), reader.int32()]).toEqual([int8, int16, int32]);
          expect([reader.int64(), reader.bigInt64()]).toEqual([int64, bigInt64]);
        },
      ),
    );
  });

  test('are what kafkajs writes', () => {
    fc.assert(
      fc.property(fc.integer(INT32), safe, (int32, int64) => {
        const theirs = encoder().writeInt32(int32).writeInt64(int64.toString()).buffer;
        expect(new ByteWriter().int32(int32).int64(int64).slice()).toEqual(theirs);
      }),
    );
  });

  test('can be written later, where room was left', () => {
    const writer = new ByteWriter().int32(0).int32(0).int8(7);
    writer.uint32At(0, 0xfedcba98);
    writer.int32At(4, -5);
    expect(writer.slice().toString('hex')).toBe('fedcba98fffffffb07');
  });
});

describe('bytes and strings', () => {
  test('read as written, null and empty told apart, however small the first buffer', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)));
    const text = fc.option(fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, text)), fc.integer({ min: 0, max: 40 }), (all, size) => {
        const writer = new ByteWriter(size);
        for (const [b, t] of all) writer.varBytes(b).string(t);
        const reader = new ByteReader(writer.slice());
        const read = all.map(() => [reader.varBytes(), reader.string()]);
        expect(read).toEqual(all);
      }),
    );
  });

  test('that end too early are refused', () => {
    const bytes = new ByteWriter().varBytes(Buffer.from('abc')).slice();
    expect(() => new ByteReader(bytes.subarray(0, 3)).varBytes()).toThrow('end too early');
  });

  test('from a position on', () => {
    const writer = new ByteWriter().int8(1).int8(2).int8(3);
    expect([...writer.slice(1)]).toEqual([2, 3]);
    expect(new ByteReader(writer.slice(), 2).int8()).toBe(3);
  });
});
