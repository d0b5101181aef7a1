import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflections, isLatin, queryWords, searchable, suggestInputs } from './text.ts';

test.each([
  ['ﾃﾞｽｸ', 'デスク'],
  ['ＵＳＢ－Ｃ', 'USB-C'],
  ['か\u3099ま', 'がま'],
  ['  a\u3000b\n', 'a b'],
  ['𠮷野家', '野家'],
  ['a\u0000\u001fb', 'a b'],
])('%j is searched as %j', (text, expected) => {
  expect(searchable(text)).toBe(expected);
});

test('what is searchable is so once and for all, whatever it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(searchable(searchable(text))).toBe(searchable(text));
    }),
  );
});

test('a query has only so many words', () => {
  expect(queryWords(' 緑茶\u3000green  tea ')).toEqual(['緑茶', 'green', 'tea']);
  expect(queryWords('a '.repeat(1000))).toHaveLength(10);
  expect(queryWords('')).toEqual([]);
});

test.each([
  ['tea', ['tea', 'teas']],
  ['Cups', ['cups', 'cup']],
  ['batteries', ['batteries', 'battery']],
  ['battery', ['battery', 'batteries']],
  ['boxes', ['boxes', 'box']],
  ['glass', ['glass', 'glasses']],
  ['usb-c', ['usb-c']],
])('%s is looked for as %j', (word, forms) => {
  expect(inflections(word)).toEqual(forms);
});

describe('a word is Latin', () => {
  test.each(['tea', 'USB-C', 'café', '12'])('%s', (word) => {
    expect(isLatin(word)).toBe(true);
  });
  test.each(['抹茶', 'ラテ', 'ー', 'USBケーブル'])('%s is not', (word) => {
    expect(isLatin(word)).toBe(false);
  });
});

test('a name is suggested from each of its words on', () => {
  expect(suggestInputs('Kyoto green tea', 'en')).toEqual(['Kyoto green tea', 'green tea', 'tea']);
  expect(suggestInputs('京都の抹茶', 'ja')).toContain('抹茶');
  expect(suggestInputs(' — ', 'en')).toEqual([]);
});
