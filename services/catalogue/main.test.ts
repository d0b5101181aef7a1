import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { main } from './main.ts';

test('--help has examples, on stdout', async () => {
  const { code, out, err } = await run(['--help']);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/Examples:\n {2}\$ node services\/catalogue\/main\.ts/);
});

test.each([
  [['--fast'], "unknown option '--fast'"],
  [['everything'], 'too many arguments'],
])('%j is wrong use: 2, and nothing on stdout', async (args, problem) => {
  const { code, out, err } = await run(args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(problem);
});

test('a wrong setting is a 2 that names it', async () => {
  const { code, err } = await run([], { KAFKA_BROKERS: 'nowhere' });
  expect(code).toBe(2);
  expect(err).toContain('KAFKA_BROKERS: has "nowhere", which is no address');
});

test('a broker that is away is a 1 that names the setting', async () => {
  const { code, out, err } = await run(['--dry-run'], { KAFKA_BROKERS: '127.0.0.1:1' });
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/can not reach Kafka at 127\.0\.0\.1:1 \(KAFKA_BROKERS\)/);
});

test('as a process', () => {
  const file = fileURLToPath(new URL('main.ts', import.meta.url));
  const stdout = execFileSync(process.execPath, [file, '--help'], { encoding: 'utf8' });
  expect(stdout).toContain('Usage: catalogue');
});

async function run(args: string[], env: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const code = await main(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env,
    cwd: tmpdir(),
    now: () => 0,
  });
  return { code, out, err };
}
