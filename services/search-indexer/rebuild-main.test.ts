import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('rebuild-main.ts', import.meta.url));

test.each([
  [[], 'missing required argument'],
  [['shoes'], "there is no index 'shoes'"],
  [['products', '--fast'], 'unknown option'],
])('called with %j is wrong use', async (args, line) => {
  await expect(run(args)).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(line) as string,
  });
});

test('wrong settings are wrong use, too', async () => {
  await expect(run(['products'], { ELASTICSEARCH_URL: 'nowhere' })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ELASTICSEARCH_URL') as string,
  });
});

test('an engine that is away is no success', async () => {
  const away = { ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
  await expect(run(['products'], away)).rejects.toMatchObject({ code: 1, stdout: '' });
});

test('--help says how', async () => {
  const { stdout } = await run(['--help']);
  expect(stdout).toContain('products, orders, alerts');
  expect(stdout).toContain('Exit codes');
});

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return promisify(execFile)(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env },
  });
}
