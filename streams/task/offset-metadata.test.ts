import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeOffsetMetadata, encodeOffsetMetadata, NO_METADATA } from './offset-metadata.ts';

test('says what was encoded, also that nothing was read yet', () => {
  const time = fc.oneof(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.constant(-Infinity));
  fc.assert(
    fc.property(time, time, (maxEventTime, watermark) => {
      const metadata = { maxEventTime, watermark };
      expect(decodeOffsetMetadata(encodeOffsetMetadata(metadata))).toEqual(metadata);
    }),
  );
});

test('a watermark behind everything stays behind everything that can come', () => {
  const text = encodeOffsetMetadata({ maxEventTime: 5, watermark: Infinity });
  expect(decodeOffsetMetadata(text)).toEqual({ maxEventTime: 5, watermark: 2 ** 53 - 1 });
});

test('is small, and readable for whoever lists the offsets', () => {
  expect(encodeOffsetMetadata({ maxEventTime: 1_700_000_000_000, watermark: -Infinity })).toBe(
    '{"v":1,"t":1700000000000,"w":null}',
  );
});

test.each([
  null,
  '',
  'set by hand',
  'null',
  '7',
  '[]',
  '{}',
  '{"v":2,"t":5,"w":5}',
  '{"v":1,"t":5',
  '{"t":5,"w":5}',
])('%j says nothing', (text) => {
  expect(decodeOffsetMetadata(text)).toEqual(NO_METADATA);
});

test('a part that is no number says nothing', () => {
  expect(decodeOffsetMetadata('{"v":1,"t":"5","w":7}')).toEqual({
    maxEventTime: -Infinity,
    watermark: 7,
  });
});
