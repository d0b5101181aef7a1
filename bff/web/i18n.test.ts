import { expect, test } from 'vitest';
import { chooseLang } from './i18n.ts';

test.each([
  [{}, 'ja'],
  [{ acceptLanguage: 'en-US,en;q=0.9' }, 'en'],
  [{ acceptLanguage: 'de, en;q=0.3, ja;q=0.5' }, 'ja'],
  [{ acceptLanguage: 'en;q=0, fr' }, 'ja'],
  [{ acceptLanguage: 'en', cookie: 'ja' }, 'ja'],
  [{ acceptLanguage: 'ja', cookie: 'ja', query: 'en' }, 'en'],
  [{ query: 'xx', cookie: '<script>', acceptLanguage: ';;q=,,' }, 'ja'],
] as const)('%j gets %s', (wish, lang) => {
  expect(chooseLang(wish)).toBe(lang);
});
