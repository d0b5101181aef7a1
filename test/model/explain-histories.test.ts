/** Explanations of random histories of one order: they are of what has happened, whatever was read when. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderReport, type EvaluationReport } from '#topology/kafka-alert';
import { Harness } from './harness.ts';
import { anyDelivery, inTimeDeliveries, settingsWithoutGaps } from './histories.ts';
import type { ModelRecord, ModelSettings, Step } from './model.ts';

const numRuns = Number(process.env['MODEL_RUNS'] ?? 1_000);
/** Later than the last evaluation, and before anything is forgotten. */
const END = 250;

/** Everything that is said of the order when all is decided. */
function explained(steps: readonly Step[], settings: ModelSettings) {
  const harness = new Harness(settings);
  for (const { record, watermark } of steps) {
    if (record !== null) harness.read(valueOf(record));
    harness.moveTo(Math.min(watermark, END));
  }
  harness.moveTo(END);
  const timelines = [...harness.orders].flatMap(
    ([orderNo, order]) => orderReport(orderNo, order, settings, harness.watermark).timelines,
  );
  const evaluations = timelines.flatMap((each) => each.evaluations);
  return { harness, evaluations, suppressed: harness.counts.get('suppressed') ?? 0 };
}

const idsOf = (evaluations: readonly EvaluationReport[]) =>
  evaluations.flatMap(({ alertId }) => alertId ?? []).sort();

test('records in time: what is raised and suppressed is what was, and each has its reason', () => {
  fc.assert(
    fc.property(settingsWithoutGaps, inTimeDeliveries, (settings, [steps]) => {
      const { harness, evaluations, suppressed } = explained(steps, settings);
      expect(idsOf(evaluations)).toEqual(harness.alerts.map(({ alertId }) => alertId).sort());
      const outcomes = evaluations.map(({ outcome }) => outcome);
      expect(outcomes.filter((each) => each === 'suppressed')).toHaveLength(suppressed);
      expect(outcomes).not.toContain('pending');
      for (const { why } of evaluations) {
        expect(why).not.toBe('');
        expect(why).not.toMatch(/read too late|in hindsight/);
      }
    }),
    { numRuns },
  );
});

test('late records: every alert that was raised has its evaluation, and no other has one', () => {
  fc.assert(
    fc.property(settingsWithoutGaps, anyDelivery, (settings, steps) => {
      const { harness, evaluations } = explained(steps, settings);
      expect(idsOf(evaluations)).toEqual(harness.alerts.map(({ alertId }) => alertId).sort());
      for (const { why } of evaluations) expect(why).not.toBe('');
    }),
    { numRuns },
  );
});

function valueOf(record: ModelRecord) {
  return record.kind === 'order'
    ? {
        ...{ orderNo: 'ORD-1', status: record.status as 'PAID', updatedAt: record.at },
        ...{ paymentStatus: null, paymentExpiresAt: record.expiresAt, reason: null },
      }
    : {
        ...{ orderNo: 'ORD-1', status: record.status, eventId: record.eventId },
        ...{ occurredAt: record.at, source: 'WEBHOOK' as const },
      };
}
