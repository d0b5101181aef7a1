import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from './lines.ts';

test.each<[string, string, [number, string][]]>([
  ['nothing', '', []],
  ['one line', 'a\n', [[1, 'a']]],
  [
    'the last line end missing',
    'a\nb',
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  [
    'CRLF',
    'a\r\nb\r\n',
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  [
    'blank lines are counted',
    '\n  \na\n\r\n\nb\n',
    [
      [3, 'a'],
      [6, 'b'],
    ],
  ],
  [
    'a byte order mark',
    '\ufeffa\nb',
    [
      [1, 'a'],
      [2, 'b'],
    ],
  ],
  ['a byte order mark alone', '\ufeff\na', [[2, 'a']]],
  [
    'inside of a line it is a character',
    'a\n\ufeffb',
    [
      [1, 'a'],
      [2, '\ufeffb'],
    ],
  ],
  [
    'text beyond ASCII',
    '注文\n💳\n',
    [
      [1, '注文'],
      [2, '💳'],
    ],
  ],
])('%s', async (_, text, expected) => {
  expect(await linesOf([Buffer.from(text)])).toEqual(expected);
});

test('where the chunks are cut makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', ' ', '文', '\ufeff') }),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      async (text, sizes) => {
        const whole = Buffer.from(text);
        const chunks: Buffer[] = [];
        for (let at = 0; at < whole.length;) {
          const size = sizes.next().value as number;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        expect(await linesOf(chunks)).toEqual(await linesOf([whole]));
      },
    ),
  );
});

test('a line of 5 MB in many chunks', async () => {
  const long = 'x'.repeat(5_000_000);
  const whole = Buffer.from(`a\n${long}\nb`);
  const chunks = Array.from({ length: 80 }, (_, i) => whole.subarray(i * 65_536, (i + 1) * 65_536));
  expect(await linesOf(chunks)).toEqual([
    [1, 'a'],
    [2, long],
    [3, 'b'],
  ]);
});

test('a line that is no UTF-8 is said to be none, not mended', async () => {
  expect(await linesOf([Buffer.from([0x61, 0x0a, 0xc3, 0x28, 0x0a, 0x62])])).toEqual([
    [1, 'a'],
    [2, undefined],
    [3, 'b'],
  ]);
});

async function linesOf(chunks: Buffer[]): Promise<[number, string | undefined][]> {
  async function* stream() {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  const all: [number, string | undefined][] = [];
  for await (const lines of readLines(stream())) {
    all.push(...lines.map(({ number, text }) => [number, text] as [number, string | undefined]));
  }
  return all;
}
