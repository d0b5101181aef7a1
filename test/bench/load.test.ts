import { expect, test } from 'vitest';
import { topics } from '#schemas';
import { undisturbedOutcome } from '../support/outcome.ts';
import { LiveTraffic } from './live-traffic.ts';
import { loadBlocks, openOrders } from './load.ts';

test('the blocks, read one after the other, have the sum of their alerts', () => {
  const blocks = [...loadBlocks(5500)];
  expect(blocks.map(({ orders }) => orders)).toEqual([5000, 500]);
  const [first, second] = blocks.map(({ records }) =>
    records.map(({ kind, value }) => (kind === 'order' ? value.updatedAt : value.occurredAt)),
  );
  expect(Math.max(...first!)).toBeLessThan(Math.min(...second!));

  const records = blocks.flatMap((block) => block.records);
  const ids = (lines: readonly string[]) =>
    lines.map((line) => (JSON.parse(line) as { alertId: string }).alertId).sort();
  const { alerts, resolved } = undisturbedOutcome(records, topics);
  expect(blocks.flatMap(({ expected }) => expected.raised).sort()).toEqual(ids(alerts));
  expect(blocks.flatMap(({ expected }) => expected.resolved).sort()).toEqual(ids(resolved));
  expect(alerts.length).toBeGreaterThan(100);
});

test('open orders are a key each, up to now, and raise nothing', () => {
  const now = Date.parse('2026-03-01T00:00:00.000Z');
  const records = [...openOrders(300, now)];
  expect(new Set(records.map(({ value }) => value.orderNo)).size).toBe(300);
  expect(undisturbedOutcome(records, topics)).toEqual({ alerts: [], resolved: [] });
});

test('live traffic is 20 records each 10 ms, of then, and its culprits are all that alert', () => {
  const start = Date.parse('2026-03-01T00:00:00.000Z');
  const live = new LiveTraffic(start, 1500);
  const records = [...live.until(start + 1995), ...live.until(start + 2005), ...live.until(start)];
  expect(live.nextAt).toBe(start + 2010);
  expect(live.written).toBe(records.length);
  expect(records.at(-1)!.value).toMatchObject({ occurredAt: start + 2005 });
  const more = live.until(start + 2010);
  expect(more).toHaveLength(20);
  records.push(...more);

  const { alerts } = undisturbedOutcome(records, topics, { graceMs: 3_600_000 });
  const rules = alerts.map((line) => JSON.parse(line) as { ruleId: string; orderNo: string });
  const atOnce = rules.filter(({ ruleId }) => ruleId === 'RULE_C').map(({ orderNo }) => orderNo);
  expect(new Set(atOnce)).toEqual(live.culprits);
  expect([...live.culprits].filter((orderNo) => live.counts(orderNo))).toHaveLength(52);
});
