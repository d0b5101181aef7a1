import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { main } from './main.ts';
import { fakeIo } from './testing/fake-io.ts';

const COMMANDS = [
  'run',
  'demo',
  'tail',
  'explain',
  'replay',
  'dead-letters',
  'topology',
  'lag',
  'reset',
];

test.each(COMMANDS)('%s --help has examples, on stdout', async (command) => {
  const { code, out, err } = await run(command, '--help');
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain(`Usage: kafka-alert ${command}`);
  expect(out).toMatch(/Examples:\n {2}\$ kafka-alert/);
});

test('--help lists the commands', async () => {
  const { code, out } = await run('--help');
  expect(code).toBe(0);
  for (const command of COMMANDS) {
    expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  }
});

test.each([
  [['explode'], "unknown command 'explode'"],
  [['tail', '--fast'], "unknown option '--fast'"],
  [['tail', '--rule', 'RULE_X'], 'RULE_A, RULE_B, RULE_C'],
  [['tail', '--from', 'noon'], '--from: "noon" is no ISO-8601 time'],
  [['dead-letters', '--limit', '0'], '--limit: "0" is no whole number'],
  [['dead-letters', '--from', 'noon'], '--from: "noon" is no ISO-8601 time'],
  [['dead-letters', '--dry-run'], '--dry-run: is for --requeue'],
  [['explain'], "missing required argument 'orderNo'"],
  [['explain', ''], 'is no order number'],
  [['explain', 'ORD-1', '--url', 'here'], '--url: "here" is no http(s) address'],
  [['explain', 'ORD-1', '--from-topics', '--allow-stale'], '--from-topics: '],
  [['lag', '--max-lag', '-1'], '--max-lag: "-1" is no whole number'],
  [['reset'], "required option '--to <instant>' not specified"],
  [['reset', '--to', 'noon'], '--to: "noon" is no ISO-8601 time'],
  [['reset', '--to', '2099-01-01T00:00:00Z'], '--to: "2099-01-01T00:00:00Z" is in the future'],
  [['diff', '--from', 'earliest'], "required option '--to <instant>' not specified"],
  [['diff', '--from', 'earliest', '--to', 'latest', '--grace-ms', 'x'], 'GRACE_MS: is no whole'],
  [['demo', '--timeout'], "option '--timeout <seconds>' argument missing"],
  [[], 'Usage: kafka-alert'],
])('%j is wrong use: 2, and nothing on stdout', async (args, problem) => {
  const { code, out, err } = await run(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(problem);
});

test.each([
  ['tail'],
  ['dead-letters'],
  ['lag'],
  ['reset', '--to', 'earliest'],
  ['replay', '--from', 'earliest', '--to', 'latest'],
  ['diff', '--from', 'earliest', '--to', 'latest'],
  ['explain', 'ORD-1', '--from-topics'],
])('%s: a broker that is away is a 1 that names the setting', async (...command) => {
  const io = fakeIo({ env: { KAFKA_BROKERS: '127.0.0.1:1' } });
  expect(await main(command, io)).toBe(1);
  expect(io.written.err).toMatch(/can not reach Kafka at 127\.0\.0\.1:1 \(KAFKA_BROKERS\)/);
});

test.each(['main.ts', '../bin.mjs'])('as a process, by %s', (entry) => {
  const file = fileURLToPath(new URL(entry, import.meta.url));
  const stdout = execFileSync(process.execPath, [file, '--help'], { encoding: 'utf8' });
  expect(stdout).toContain('Usage: kafka-alert');
});

async function run(...args: string[]) {
  const io = fakeIo();
  const code = await main(args, io);
  return { code, ...io.written };
}
