import { expect, test } from 'vitest';
import type { AlertRaised } from '#schemas';
import { differenceHead, differenceLine, differenceRow } from './difference-rows.ts';
import { compareAlerts } from './differences.ts';
import { RangeProgress } from './range-progress.ts';
import { fakeIo } from './testing/fake-io.ts';

const T = Date.parse('2024-02-01T12:00:00.000Z');
const range = { from: T, to: T + 100 };

function alert(
  alertId: string,
  detectedAt: number,
  orderStatus: 'PAID' | 'FAILED' = 'PAID',
): AlertRaised {
  return {
    ...{ alertId, ruleId: 'RULE_B', orderNo: `ORD-${alertId}`, eventId: 'evt' },
    observed: { paymentStatus: null, orderStatus },
    expected: { orderStatus: 'FAILED' },
    ...{ detectedAt, source: 'kafka-alert' },
  };
}

const words = (published: AlertRaised[], replayed: AlertRaised[]) => {
  const { differences, same } = compareAlerts(published, replayed, range);
  const names = differences.map((each) => {
    const { alertId } = each.replayed ?? each.published;
    return `${each.difference} ${alertId}`;
  });
  return [...names, `same ${String(same)}`];
};

test('what only one side has, and what is not the same, is a difference; by time', () => {
  const published = [alert('both', T), alert('changed', T + 3), alert('gone', T + 2)];
  const replayed = [alert('new', T + 1), alert('changed', T + 3, 'FAILED'), alert('both', T)];
  expect(words(published, replayed)).toEqual([
    ...['missing new', 'extra gone', 'different changed', 'same 1'],
  ]);
});

test('only what was detected in the range counts, the ends included', () => {
  const outside = [alert('before', T - 1), alert('after', T + 101)];
  expect(words(outside, [])).toEqual(['same 0']);
  expect(words([], outside)).toEqual(['same 0']);
  expect(words([alert('a', T), alert('b', T + 100)], [])).toEqual(['extra a', 'extra b', 'same 0']);
  // One that moves over the edge is the same alert at another time, neither missing nor extra.
  expect(words([alert('a', T + 100)], [alert('a', T + 200)])).toEqual(['different a', 'same 0']);
});

test('an alert that was published again is one', () => {
  expect(words([alert('a', T), alert('a', T)], [alert('a', T)])).toEqual(['same 1']);
});

test('as a table, and as JSON', () => {
  const plain = (_: string, text: string) => text;
  const { differences } = compareAlerts(
    [alert('changed', T + 3), alert('gone', T + 2)],
    [alert('new', T + 1), alert('changed', T + 4)],
    range,
  );
  const rows = differences
    .map((each) => differenceRow(each, plain))
    .join('\n')
    .split('\n');
  expect(differenceHead(plain)).toMatch(/^ {10}detected/);
  expect(rows.map((row) => row.split(/ +/)[0])).toEqual([
    'missing',
    'extra',
    'published',
    'replayed',
  ]);
  expect(JSON.parse(differenceLine(differences[0]!))).toMatchObject({
    ...{ difference: 'missing', published: null },
    replayed: { alertId: 'new', detectedAt: '2024-02-01T12:00:00.001Z' },
  });
});

test('progress: a bar on a terminal with the time that is left, lines elsewhere', () => {
  let now = T;
  const terminal = fakeIo({ isTTY: true, now: () => now });
  const file = fakeIo({ now: () => now });
  for (const io of [terminal, file]) {
    now = T;
    const progress = new RangeProgress(io, 1_000);
    now = T + 6_000;
    progress.add(250);
    now = T + 7_000;
    progress.add(250);
    progress.finish();
  }
  expect(terminal.written.err).toContain(
    '\r\u001b[K[########----------------------]  25% 250 of 1000 offsets, 42/s, 18 s left',
  );
  expect(terminal.written.err).toMatch(/100% 500 of 500 offsets, 71\/s, in 7\.0 s\n$/);
  expect(file.written.err.split('\n')).toEqual([
    ' 25% 250 of 1000 offsets, 42/s, 18 s left',
    '100% 500 of 500 offsets, 71/s, in 7.0 s',
    '',
  ]);
});
