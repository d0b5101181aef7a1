/** Who reads README.ja.md is told the same as who reads README.md. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const english = readFileSync(new URL('README.md', ROOT), 'utf8');
const japanese = readFileSync(new URL('README.ja.md', ROOT), 'utf8');

test('both have the same blocks of code', () => {
  expect(blocksOf(english)).not.toEqual([]);
  expect(blocksOf(japanese)).toEqual(blocksOf(english));
});

test('both name the same commands, topics and files', () => {
  expect(codeOf(japanese)).toEqual(codeOf(english));
});

test('both link to the same pages, which are there, and to each other', () => {
  const links = linksOf(english);
  expect(links).toContain('README.ja.md');
  expect(linksOf(japanese)).toEqual(
    links.map((link) => (link === 'README.ja.md' ? 'README.md' : link)).sort(),
  );
  const local = links.filter((link) => !link.includes('://')).map((link) => link.split('#')[0]!);
  expect(local.filter((link) => !existsSync(new URL(link, ROOT)))).toEqual([]);
});

test('both have the same sections', () => {
  const levels = (text: string) => proseOf(text).match(/^#+(?= )/gm);
  expect(levels(japanese)).toEqual(levels(english));
});

function blocksOf(text: string): string[] {
  return [...text.matchAll(/^```.*\n[^]*?^```$/gm)].map(([block]) => block);
}

function proseOf(text: string): string {
  return text.replaceAll(/^```.*\n[^]*?^```$/gm, '');
}

/** The order of what is said may differ. */
function codeOf(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`]+)`/g)]
    .map(([, code]) => code!.replace(/\s+/, ' '))
    .sort();
}

function linksOf(text: string): string[] {
  return [...proseOf(text).matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1]!).sort();
}
