import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { chooseJdk, findJdks, parseMajor } from './jdk.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-jdk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const jdks = [17, 25, 11, 27].map((major) => ({ home: `/jdk-${major}`, major }));

test('the newest that has been tried is chosen', () => {
  expect(chooseJdk(jdks, { oldest: 17, newest: 25 })?.major).toBe(25);
  expect(chooseJdk(jdks, { oldest: 17, newest: 21 })?.major).toBe(17);
});

test('a newer one is better than none, an older one is not', () => {
  expect(chooseJdk(jdks, { oldest: 26, newest: 26 })?.major).toBe(27);
  expect(chooseJdk(jdks, { oldest: 28, newest: 30 })).toBeUndefined();
});

test.each([
  ['JAVA_VERSION="17.0.15"', 17],
  ['IMPLEMENTOR="x"\nJAVA_VERSION="25"\n', 25],
  ['JAVA_VERSION="1.8.0_402"', 8],
  ['JAVA_VERSION="26-ea"', 26],
  ['', undefined],
])('%j is of major version %s', (release, major) => {
  expect(parseMajor(release)).toBe(major);
});

test('JAVA_HOME is looked at; a folder without bin/java is none', () => {
  const home = path.join(folder, 'own');
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  writeFileSync(path.join(home, 'release'), 'JAVA_VERSION="42.0.1"');
  expect(findJdks({ JAVA_HOME: home }).map((jdk) => jdk.major)).not.toContain(42);
  writeFileSync(path.join(home, 'bin/java'), '');
  expect(findJdks({ JAVA_HOME: home })).toContainEqual({ home, major: 42 });
});
