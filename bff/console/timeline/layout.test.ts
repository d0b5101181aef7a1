import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from './entries.ts';
import type { Evaluation } from './evaluations.ts';
import { layOut, ROW, type TimelineInput } from './layout.ts';

const at = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 1e9 }));
const entry = fc
  .record({
    lane: fc.constantFrom('order' as const, 'payment' as const),
    at,
    status: fc.constantFrom('PENDING', 'WAITING_PAYMENT', 'PAID', 'COMPLETED', 'CANCELED'),
  })
  .map((given): Omit<Entry, 'id'> => ({
    ...given,
    result: null,
    source: null,
    eventId: null,
    reason: null,
  }));
const evaluation = fc.record({ at, triggeredAt: fc.option(at) }).map((given): Evaluation => ({
  ...given,
  ruleId: 'RULE_A',
  row: 'A',
  outcome: 'raised',
  alertId: 'a',
}));
const input = fc
  .record({
    entries: fc.array(entry, { maxLength: 12 }),
    evaluations: fc.array(evaluation, { maxLength: 6 }),
    uprights: fc.array(
      fc.record({ at, kind: fc.constant('now' as const), text: fc.constant('payment expires') }),
      { maxLength: 2 },
    ),
    width: fc.integer({ min: 320, max: 1200 }),
  })
  .map((given): TimelineInput => ({
    ...given,
    entries: given.entries
      .map((each, i) => ({ ...each, id: String(i) }))
      .sort((a, b) => a.at - b.at),
    graces: [],
    zoneMs: 0,
    evaluationText: () => 'RULE_A raised',
    now: 1e6,
    durationText: (ms) => `${ms} ms`,
  }));

test('marks and texts are inside the picture', () => {
  fc.assert(
    fc.property(input, (given) => {
      const layout = layOut(given);
      if (!layout) {
        expect([...given.entries, ...given.evaluations]).toEqual([]);
        return;
      }
      for (const { x, y, label } of [...layout.entries, ...layout.evaluations]) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(given.width);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(layout.height);
        expect(label.left).toBeGreaterThanOrEqual(0);
        expect(label.left + label.width).toBeLessThanOrEqual(given.width);
        expect(label.y - ROW).toBeGreaterThanOrEqual(-ROW);
        expect(label.y).toBeLessThanOrEqual(layout.axisY);
      }
      for (const { x, width } of layout.bars) {
        expect(x + width).toBeLessThanOrEqual(given.width);
        expect(width).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

test('in each lane the marks are in the order of their instants', () => {
  fc.assert(
    fc.property(input, (given) => {
      for (const lane of ['order', 'payment']) {
        const xs = (layOut(given)?.entries ?? [])
          .filter(({ item }) => item.lane === lane)
          .map(({ x }) => x);
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      }
    }),
  );
});

test('no text covers another one, in any lane', () => {
  fc.assert(
    fc.property(input, (given) => {
      const layout = layOut(given);
      if (!layout) return;
      const labels = [...layout.entries, ...layout.evaluations, ...layout.uprights].map(
        ({ label }) => label,
      );
      for (const [i, a] of labels.entries()) {
        for (const b of labels.slice(i + 1)) {
          const isApart =
            Math.abs(a.y - b.y) >= ROW - 4 ||
            a.left + a.width <= b.left ||
            b.left + b.width <= a.left;
          expect(isApart).toBe(true);
        }
      }
    }),
  );
});
