import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATEGORIES, categoryName } from './categories.ts';

test('the names are those of the catalogue', () => {
  const file = new URL('../../services/catalogue/categories.json', import.meta.url);
  const there = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>[];
  const names = there.map(({ id, nameJa, nameEn }) => [id, { ja: nameJa, en: nameEn }]);
  expect(CATEGORIES).toEqual(Object.fromEntries(names));
});

test.each(['new-things', 'constructor'])('%s, which has no name, goes by its id', (id) => {
  expect(categoryName(id, 'ja')).toBe(id);
});
