import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.ts';

function written(write: (writer: ByteWriter) => void): Buffer {
  const writer = new ByteWriter();
  write(writer);
  return writer.take();
}

const wholeNumber = fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat());

describe('what is written is read again:', () => {
  test('whole numbers', () => {
    fc.assert(
      fc.property(wholeNumber, (value) => {
        const reader = new ByteReader(written((writer) => writer.varint(value)));
        expect(reader.varint()).toBe(value);
        reader.end();
      }),
    );
  });

  test('signed numbers', () => {
    const number = fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 });
    fc.assert(
      fc.property(fc.oneof(fc.integer(), number), (value) => {
        expect(new ByteReader(written((writer) => writer.signed(value))).signed()).toBe(value);
      }),
    );
  });

  test('text in any script, short and long', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), text), fc.nat(9), (value, times) => {
        const long = value.repeat(times);
        const bytes = written((writer) => writer.string(long));
        expect(new ByteReader(bytes).string()).toBe(long);
      }),
    );
  });
});

test.each([-1, 0.5, NaN, Infinity, 2 ** 53])('%d is no unsigned whole number', (value) => {
  expect(() => written((writer) => writer.varint(value))).toThrow(RangeError);
});

test('what is taken stays as it is when the writer goes on', () => {
  const writer = new ByteWriter();
  writer.string('first');
  const first = writer.take();
  writer.string('other');
  expect(new ByteReader(first).string()).toBe('first');
  expect(new ByteReader(writer.take()).string()).toBe('other');
});

describe('damage is noticed:', () => {
  test('a number or a text that is cut off', () => {
    for (const bytes of [[], [0x80], [5, 97, 98]]) {
      expect(() => new ByteReader(Buffer.from(bytes)).string()).toThrow(/cut off/);
    }
  });

  test('more bytes than there should be', () => {
    const reader = new ByteReader(Buffer.from([1, 2, 3]));
    reader.byte();
    expect(() => reader.end()).toThrow('2 bytes left over');
  });

  test('a number that never ends or is too large', () => {
    expect(() => new ByteReader(Buffer.alloc(20, 0xff)).varint()).toThrow(RangeError);
    expect(() => new ByteReader(Buffer.from([...Array<number>(8).fill(0xff), 1])).varint()).toThrow(
      'no whole number',
    );
  });

  test('a count of more things than bytes are left', () => {
    expect(() => new ByteReader(Buffer.from([9, 1, 2])).count()).toThrow(/cut off/);
  });
});
