import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from './main.ts';
import { fakeIo } from './testing/fake-io.ts';

const vectors = fileURLToPath(new URL('../../../test/vectors/', import.meta.url));
const stuck = join(vectors, 'a-order-stuck.events.jsonl');
const cases = readdirSync(vectors)
  .filter((file) => file.endsWith('.events.jsonl'))
  .map((file) => file.replace('.events.jsonl', ''));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'replay-test-'))));
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the vectors, over real stores', () => {
  test.each(cases)('%s', async (name) => {
    const file = join(vectors, `${name}.events.jsonl`);
    const args = ['--file', file, '--as-of', 'end', '--resolved'];
    expect(await run(args, { env: optionsOf(name) })).toEqual({
      code: 0,
      out:
        typed('AlertRaised', read(`${name}.alerts.jsonl`)) +
        typed('AlertResolved', read(`${name}.resolved.jsonl`)),
      err: '',
    });
  });

  test('without --resolved: alerts only, without a type', async () => {
    const name = 'b-success-1ms-after-d'; // has both
    const { out } = await run(['--file', join(vectors, `${name}.events.jsonl`), '--as-of', 'end']);
    expect(out).toBe(read(`${name}.alerts.jsonl`));
  });
});

describe('--as-of', () => {
  test.each([
    ['before the alert', '2024-02-01T12:05:59.999Z', 0],
    ['at its instant', '2024-02-01T12:06:00.000Z', 1],
    ['in epoch milliseconds', String(Date.UTC(2024, 1, 1, 12, 6)), 1],
    ['now, the default, which is later', undefined, 1],
  ])('%s', async (_, asOf, alerts) => {
    const args = asOf === undefined ? [] : ['--as-of', asOf];
    const { out } = await run(['--file', stuck, ...args]);
    expect(out.split('\n').length - 1).toBe(alerts);
  });
});

test('- reads stdin', async () => {
  const stdin = readFileSync(stuck);
  const { code, out } = await run(['--file', '-', '--as-of', 'end'], { stdin });
  expect([code, out]).toEqual([0, read('a-order-stuck.alerts.jsonl')]);
});

test('nothing in, nothing out', async () => {
  expect(await run(['--file', '-'], { stdin: '' })).toEqual({ code: 0, out: '', err: '' });
});

describe('a line that can not be read', () => {
  const good = readFileSync(stuck, 'utf8');

  test.each([
    ['broken JSON', '{', 'is not JSON'],
    ['an unknown topic', '{"topic":"orders","key":"a","value":{}}', 'unknown topic "orders"'],
    [
      'a key that is not the order',
      good.split('\n')[2]!.replace('ORD', 'XYZ'),
      `key: is "XYZ-20240201-000123", but the value's orderNo is "ORD-20240201-000123"`,
    ],
    ['no UTF-8', Buffer.from([0xff]), 'is not UTF-8'],
  ])('%s: its place is named and nothing is printed', async (_, line, problem) => {
    const file = join(folder, 'events.jsonl');
    writeFileSync(file, Buffer.concat([Buffer.from(`${good}\n`), Buffer.from(line)]));
    const { code, out, err } = await run(['--file', file, '--as-of', 'end']);
    expect([code, out]).toEqual([2, '']);
    // After three events, the end of the third one's line and a blank line.
    expect(err).toMatch(`kafka-alert: ${file}:5: ${problem}`);
  });

  test('--skip-bad leaves it out and counts it', async () => {
    const stdin = `no\n${good}[]\n`;
    const { code, out, err } = await run(['--file', '-', '--as-of', 'end', '--skip-bad'], {
      stdin,
    });
    expect([code, out]).toEqual([0, read('a-order-stuck.alerts.jsonl')]);
    expect(err).toContain('skipped stdin:1: is not JSON');
    expect(err).toContain('skipped stdin:5: is no object');
    expect(err.trimEnd().split('\n').at(-1)).toBe('2 line(s) skipped');
  });
});

describe('wrong use', () => {
  test.each([
    ['nothing to replay', [], 'what is to be replayed? --from and --to, or --file is missing'],
    ['no end', ['--from', 'earliest'], '--to is missing'],
    ['two sources', ['--file', stuck, '--from', 'earliest'], '--from: is for topics, not together'],
    ['of a file', ['--from', 'earliest', '--to', 'latest', '--as-of', 'end'], '--as-of: is for'],
    [
      'a reversed range',
      ['--from', '2024-02-01T12:00:00Z', '--to', '2024-02-01T11:00:00Z'],
      'the range is empty: --from 2024-02-01T12:00:00Z is not before --to 2024-02-01T11:00:00Z',
    ],
    ['an empty range', ['--from', '1706788800000', '--to', '1706788800000'], 'the range is empty'],
    [
      'a range to come',
      ['--from', '2024-02-01T12:00:00Z', '--to', '2024-02-03T00:00:00Z'],
      '--to: "2024-02-03T00:00:00Z" is in the future',
    ],
    ['no warm-up', ['--from', 'earliest', '--to', 'latest', '--warm-up', '1h'], '--warm-up: "1h"'],
    [
      'a topic of the service',
      ['--from', 'earliest', '--to', 'latest', '--publish', 'order-status-changed'],
      '--publish: "order-status-changed" is a topic of the service',
    ],
    ['a file that is not there', ['--file', '/no/such/file'], '--file /no/such/file: can not be'],
    ['a folder', ['--file', '/'], '--file /: is a folder'],
    ['no instant', ['--file', stuck, '--as-of', 'noon'], '--as-of: "noon" is no ISO-8601 time'],
    ['an unknown option', ['--file', stuck, '--fast'], "unknown option '--fast'"],
    ['an argument too many', ['--file', stuck, 'more'], 'too many arguments'],
  ])('%s', async (_, args, problem) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(problem);
  });

  test('wrong settings are listed', async () => {
    const env = { GRACE_MS: 'x', RETENTION_MS: 'y' };
    const { code, err } = await run(['--file', stuck], { env });
    expect(code).toBe(2);
    expect(err).toMatch(/GRACE_MS: .*\n.*RETENTION_MS: /);
  });
});

test('settings rename the topics that lines may name', async () => {
  const env = { ORDER_TOPIC: 'orders', PAYMENT_TOPIC: 'payments' };
  const stdin = readFileSync(stuck, 'utf8')
    .replaceAll('"order-status-changed"', '"orders"')
    .replaceAll('"payment-status-observed"', '"payments"');
  const { out } = await run(['--file', '-', '--as-of', 'end'], { env, stdin });
  expect(out).toBe(read('a-order-stuck.alerts.jsonl'));
});

test('--progress is on stderr only', async () => {
  const { out, err } = await run(['--file', stuck, '--as-of', 'end', '--progress']);
  expect(out).toBe(read('a-order-stuck.alerts.jsonl'));
  expect(err).toMatch(/^100%, 3 records, \d+\/s, done\n$/);
});

test('nothing is left in the temporary folder', async () => {
  const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('kafka-alert-replay-'));
  const before = left();
  await run(['--file', stuck]);
  await run(['--file', '-'], { stdin: 'broken' });
  expect(left()).toEqual(before);
});

async function run(
  args: string[],
  given: { stdin?: string | Buffer; env?: Record<string, string> } = {},
) {
  const io = fakeIo(given);
  const code = await main(['replay', ...args], io);
  return { code, ...io.written };
}

function read(name: string): string {
  return readFileSync(join(vectors, name), 'utf8');
}

function typed(type: string, lines: string): string {
  return lines.replaceAll(/^{/gm, `{"type":"${type}",`);
}

function optionsOf(name: string): Record<string, string> {
  const file = join(vectors, `${name}.options.json`);
  if (!existsSync(file)) return {};
  const options = JSON.parse(readFileSync(file, 'utf8')) as {
    graceMs?: number;
    unknownOrder?: boolean;
  };
  return {
    ...(options.graceMs !== undefined && { GRACE_MS: String(options.graceMs) }),
    ...(options.unknownOrder !== undefined && { UNKNOWN_ORDER: String(options.unknownOrder) }),
  };
}
