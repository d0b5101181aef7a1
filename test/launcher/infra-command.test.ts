import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kafkaAnswers } from '../../services/launcher/infra/probes.ts';
import { allGone, eventually, LauncherProcess } from './processes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-infra-'));
let first: LauncherProcess;
let second: LauncherProcess;

function addressesOf(launcher: LauncherProcess): Record<string, string> {
  return JSON.parse(launcher.stdout) as Record<string, string>;
}

function kafkaPort(launcher: LauncherProcess): number {
  return Number(addressesOf(launcher)['KAFKA_BROKERS']!.split(':')[1]);
}

function infra(name: string): LauncherProcess {
  const args = ['--native', '--only', 'kafka,registry', '--data', path.join(folder, name)];
  return new LauncherProcess('infra-command.ts', args);
}

beforeAll(async () => {
  first = infra('first');
  second = infra('second');
  for (const launcher of [first, second]) {
    await eventually(
      `a line on stdout; stderr: ${launcher.stderr}`,
      () => launcher.stdout.endsWith('\n'),
      120_000,
    );
  }
});

afterAll(async () => {
  for (const launcher of [first, second]) launcher.signal('SIGTERM');
  await Promise.all([first.ended, second.ended]);
  rmSync(folder, { recursive: true, force: true });
});

test('two side by side take different ports, and both serve', async () => {
  const all = [first, second].flatMap((launcher) => Object.values(addressesOf(launcher)));
  expect(new Set(all).size).toBe(4);
  expect(await kafkaAnswers(kafkaPort(first))).toBe(true);
  expect(await kafkaAnswers(kafkaPort(second))).toBe(true);
});

test('stdout is one line of JSON with the addresses and nothing else', () => {
  expect(first.stdout.trim().split('\n')).toHaveLength(1);
  expect(Object.keys(addressesOf(first)).sort()).toEqual(['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL']);
});

test('kill -9 of the launcher leaves no process behind, and the other one untouched', async () => {
  const left = first.descendants();
  expect(left.length).toBeGreaterThanOrEqual(3); // the keeper, Kafka, the registry
  first.signal('SIGKILL');
  expect(await first.ended).toBe('SIGKILL');
  await eventually('all of the killed launcher gone', () => allGone(left));
  expect(await kafkaAnswers(kafkaPort(second))).toBe(true);
});

test('Ctrl-C ends it in order, with exit code 0 and no process left', async () => {
  const left = second.descendants();
  second.signal('SIGINT', 'group');
  second.signal('SIGINT', 'group'); // npm passes the terminal's signal on: a second one comes
  expect(await second.ended).toBe(0);
  expect(allGone(left)).toBe(true);
  expect(second.stderr).toMatch(/kafka +stopped/);
  expect(existsSync(path.join(folder, 'second/kafka/data/meta.properties'))).toBe(true);
});
