import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Harness } from './harness.ts';
import type { HarnessOptions } from './harness.ts';
import {
  anyDelivery,
  inTimeDeliveries,
  livelyDelivery,
  settingsWithGaps,
  settingsWithoutGaps,
} from './histories.ts';
import { judge } from './model.ts';
import type { ModelOutput, ModelRecord, ModelSettings, Step } from './model.ts';

/** `MODEL_RUNS=100000` looks longer. */
const numRuns = Number(process.env['MODEL_RUNS'] ?? 3_000);
const timeout = 10_000 + numRuns;

describe('the rules and their model agree', () => {
  test('on late records under any watermark', { timeout }, () => {
    fc.assert(
      fc.property(settingsWithoutGaps, anyDelivery, (settings, steps) => {
        expect(run(steps, settings)).toEqual(sorted(judge(steps, settings)));
      }),
      { numRuns },
    );
  });

  test('on late records with gaps longer than the retention', { timeout }, () => {
    fc.assert(
      fc.property(settingsWithGaps, anyDelivery, (settings, steps) => {
        expect(run(steps, settings)).toEqual(sorted(judge(steps, settings)));
      }),
      { numRuns },
    );
  });

  test('on records that come when they happen, give or take', { timeout }, () => {
    fc.assert(
      fc.property(
        fc.oneof(settingsWithGaps, settingsWithoutGaps),
        livelyDelivery,
        (settings, steps) => {
          expect(run(steps, settings)).toEqual(sorted(judge(steps, settings)));
        },
      ),
      { numRuns },
    );
  });
});

describe('it makes no difference', () => {
  test('in which order the topics are read, and when, if no record is late', { timeout }, () => {
    fc.assert(
      fc.property(settingsWithoutGaps, inTimeDeliveries, (settings, [one, other]) => {
        const { alerts, resolutions } = run(one, settings);
        const again = run(other, settings);
        expect({ alerts, resolutions }).toEqual({
          alerts: again.alerts,
          resolutions: again.resolutions,
        });
        expect(again).toEqual(sorted(judge(other, settings)));
      }),
      { numRuns },
    );
  });

  test('whether states are stored and read back between any two steps', { timeout }, () => {
    fc.assert(
      fc.property(settingsWithGaps, anyDelivery, (settings, steps) => {
        expect(run(steps, settings, { recode: true })).toEqual(run(steps, settings));
      }),
      { numRuns },
    );
  });

  test('when state is dropped', { timeout }, () => {
    fc.assert(
      fc.property(settingsWithGaps, anyDelivery, (settings, steps) => {
        const soon = run(steps, settings, { drop: 'soon' });
        expect(soon).toEqual(run(steps, settings));
        expect(soon).toEqual(run(steps, settings, { drop: 'late' }));
      }),
      { numRuns },
    );
  });
});

test('nothing is kept once everything is over', () => {
  fc.assert(
    fc.property(settingsWithGaps, livelyDelivery, (settings, steps) => {
      const last = steps.reduce((time, { record }) => Math.max(time, record?.at ?? 0), 0);
      const harness = new Harness(settings);
      for (const { record, watermark } of steps.slice(0, -1)) {
        if (record !== null) harness.read(valueOf(record));
        harness.moveTo(watermark);
      }
      harness.moveTo(last + 2 * settings.retentionMs + 2);
      expect(harness.orders.size).toBe(0);
    }),
    { numRuns: numRuns / 10 },
  );
});

function run(steps: readonly Step[], settings: ModelSettings, options?: HarnessOptions) {
  const harness = new Harness(settings, options);
  for (const { record, watermark } of steps) {
    if (record !== null) harness.read(valueOf(record));
    harness.moveTo(watermark);
  }
  return sorted({
    alerts: harness.alerts.map(({ ruleId, eventId, observed, expected, detectedAt }) => {
      return { ruleId, eventId, observed, expected, detectedAt };
    }),
    resolutions: harness.resolutions.map(({ ruleId, eventId, observed, resolvedAt }) => {
      return { ruleId, eventId, observed, resolvedAt };
    }),
    outcomes: harness.outcomes,
    suppressed: harness.counts.get('suppressed') ?? 0,
  });
}

/** Among the alerts of one order the order of publication is no promise. */
function sorted({ alerts, resolutions, outcomes, suppressed }: ModelOutput): ModelOutput {
  return {
    alerts: alerts.toSorted(byText),
    resolutions: resolutions.toSorted(byText),
    outcomes,
    suppressed,
  };
}

function byText(x: unknown, y: unknown): number {
  const [a, b] = [JSON.stringify(x), JSON.stringify(y)];
  return a < b ? -1 : Number(a > b);
}

function valueOf(record: ModelRecord) {
  return record.kind === 'order'
    ? {
        orderNo: 'ORD-1',
        status: record.status as 'PAID',
        paymentStatus: null,
        updatedAt: record.at,
        paymentExpiresAt: record.expiresAt,
        reason: null,
      }
    : {
        orderNo: 'ORD-1',
        status: record.status,
        eventId: record.eventId,
        occurredAt: record.at,
        source: 'WEBHOOK' as const,
      };
}
