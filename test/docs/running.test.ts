/** What docs/streams.md says of running applications is what the code has. */
import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { registerMetrics } from '#streams';
import { DEFAULT_ACTIONS } from '#streams/runtime/error-policy';
import { STATE_MOVES } from '#streams/runtime/state';

const page = readFileSync(new URL('../../docs/streams.md', import.meta.url), 'utf8');
const running = page.slice(page.indexOf('## Running it'), page.indexOf('## Beside Kafka Streams'));

/** The rows of its tables whose first cell is code, with their last one. */
const rows = [...running.matchAll(/^\| `([^`]+)` .*\| *([^|]*?) *\|$/gm)].map(
  ([, first, last]) => [first!, last!.replaceAll('`', '')] as const,
);
const isKind = (name: string) => name in DEFAULT_ACTIONS;

test('the states', () => {
  const drawn = [...running.matchAll(/^ {2}([A-Z_]+) --> ([A-Z_]+)/gm)].map(
    ([, from, to]) => `${from!} ${to!}`,
  );
  const moves = Object.entries(STATE_MOVES).flatMap(([from, all]) =>
    all.filter((to) => to !== from).map((to) => `${from} ${to}`),
  );
  expect(drawn.sort()).toEqual(moves.sort());
});

test('the kinds of errors, and what is done about them', () => {
  expect(Object.fromEntries(rows.filter(([kind]) => isKind(kind)))).toEqual(DEFAULT_ACTIONS);
});

test('the metrics, with their labels', () => {
  const registry = new Registry();
  registerMetrics(() => expect.unreachable('asked without a scrape'), registry);
  const has = registry.getMetricsAsArray().map((metric) => {
    const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
    return labelNames.length > 0 ? `${name}{${labelNames.join(',')}}` : name;
  });
  const names = rows.map(([name]) => name).filter((name) => !isKind(name) && !name.endsWith('…'));
  expect(names.map((name) => `kafka_streams_${name}`).sort()).toEqual(has.sort());
});
