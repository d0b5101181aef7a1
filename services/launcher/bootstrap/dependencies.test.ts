import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { areInstalled, ensureDependencies, isSatisfied } from './dependencies.mjs';

const react = { version: '1.0.0', integrity: 'sha512-a' };

describe('isSatisfied', () => {
  test('the same versions are', () => {
    expect(
      isSatisfied({ '': {}, 'node_modules/react': react }, { 'node_modules/react': react }),
    ).toBe(true);
  });
  test('a missing package, another version or other contents are not', () => {
    const locked = { 'node_modules/react': react };
    expect(isSatisfied(locked, {})).toBe(false);
    expect(isSatisfied(locked, { 'node_modules/react': { ...react, version: '1.0.1' } })).toBe(
      false,
    );
    expect(isSatisfied(locked, { 'node_modules/react': { ...react, integrity: 'sha512-b' } })).toBe(
      false,
    );
  });
  test('an optional package of another platform may be missing', () => {
    expect(isSatisfied({ 'node_modules/win': { ...react, optional: true } }, {})).toBe(true);
  });
});

describe('in a project', () => {
  let root: string;

  function writeLock(packages: Record<string, unknown>): void {
    const lock = { name: 'x', version: '1.0.0', lockfileVersion: 3, requires: true, packages };
    writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify(lock));
  }

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'kafka-alert-deps-'));
    writeFileSync(path.join(root, 'package.json'), '{ "name": "x", "version": "1.0.0" }');
    writeLock({ '': { name: 'x', version: '1.0.0' } });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test('a bare clone is installed once, and again when the lock file has changed', async () => {
    const reports: string[] = [];
    const ensure = (): Promise<void> => ensureDependencies(root, (line) => reports.push(line));
    expect(areInstalled(root)).toBe(false);
    mkdirSync(path.join(root, 'node_modules'));
    await ensure();
    expect(reports).toHaveLength(1);
    expect(areInstalled(root)).toBe(true);
    await ensure();
    expect(reports).toHaveLength(1);

    writeLock({ '': { name: 'x', version: '1.0.0' }, 'node_modules/react': react });
    expect(areInstalled(root)).toBe(false);
  });

  test('what somebody installed by hand is taken as it is', () => {
    writeLock({ '': {}, 'node_modules/react': react });
    mkdirSync(path.join(root, 'node_modules'));
    const record = path.join(root, 'node_modules/.package-lock.json');
    writeFileSync(record, JSON.stringify({ packages: { 'node_modules/react': react } }));
    expect(areInstalled(root)).toBe(true);
    rmSync(record);
    expect(areInstalled(root)).toBe(true);
    expect(existsSync(path.join(root, 'node_modules/.bin'))).toBe(true);
  });
});
