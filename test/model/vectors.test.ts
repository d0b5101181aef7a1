import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromJson, toJson, topics } from '#schemas';
import type {
  AlertRaised,
  AlertResolved,
  OrderStatusChanged,
  PaymentStatusObserved,
} from '#schemas';
import { defaultAlertSettings } from '../../topology/kafka-alert/settings.ts';
import type { AlertSettings } from '../../topology/kafka-alert/settings.ts';
import { Harness } from './harness.ts';
import type { HarnessOptions } from './harness.ts';

const folder = new URL('../vectors/', import.meta.url);
const ALLOWED_LATENESS_MS = 5_000;

const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.events.jsonl'))
  .map((name) => name.replace('.events.jsonl', ''));

describe('vectors', () => {
  test.each(cases)('%s', (name) => {
    expect(replayed(name)).toEqual(expected(name));
  });

  test.each(cases)('%s, every state through its bytes and dropped as early as may be', (name) => {
    expect(replayed(name, { recode: true, drop: 'soon' })).toEqual(expected(name));
  });
});

interface Lines {
  readonly alerts: readonly string[];
  readonly resolved: readonly string[];
}

function expected(name: string): Lines {
  return { alerts: linesOf(`${name}.alerts.jsonl`), resolved: linesOf(`${name}.resolved.jsonl`) };
}

/** A file replayed to its end: it is read as one partition of each topic, neither caught up before the last line. */
function replayed(name: string, options?: HarnessOptions): Lines {
  const harness = new Harness(settingsOf(name), options);
  const maxTimes = new Map([
    ['order-status-changed', -Infinity],
    ['payment-status-observed', -Infinity],
  ]);
  for (const line of linesOf(`${name}.events.jsonl`)) {
    const { topic, value } = JSON.parse(line) as { topic: string; value: unknown };
    const [record, at] = recordOf(topic, value);
    harness.read(record);
    maxTimes.set(topic, Math.max(maxTimes.get(topic)!, at));
    harness.moveTo(Math.min(...maxTimes.values()) - ALLOWED_LATENESS_MS);
  }
  harness.moveTo(Infinity);
  expect(harness.orders.size).toBe(0);
  return {
    alerts: harness.alerts.sort(by((alert) => alert.detectedAt)).map(lineOfAlert),
    resolved: harness.resolutions
      .sort(by((resolution) => resolution.resolvedAt))
      .map(lineOfResolution),
  };
}

function recordOf(
  topic: string,
  json: unknown,
): readonly [OrderStatusChanged | PaymentStatusObserved, number] {
  if (topic === topics.paymentStatusObserved.name) {
    const payment = fromJson(topics.paymentStatusObserved, json);
    return [payment, payment.occurredAt];
  }
  const order = fromJson(topics.orderStatusChanged, json);
  return [order, order.updatedAt];
}

function settingsOf(name: string): AlertSettings {
  const file = new URL(`${name}.options.json`, folder);
  if (!existsSync(file)) return defaultAlertSettings;
  const options = JSON.parse(readFileSync(file, 'utf8')) as Partial<AlertSettings>;
  return { ...defaultAlertSettings, ...options };
}

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, folder), 'utf8').split('\n').filter(Boolean);
}

function lineOfAlert(alert: AlertRaised): string {
  return JSON.stringify(toJson(topics.alertRaised, alert));
}

function lineOfResolution(resolution: AlertResolved): string {
  return JSON.stringify(toJson(topics.alertResolved, resolution));
}

function by<T extends { orderNo: string; ruleId: string; eventId: string }>(
  time: (value: T) => number,
) {
  return (x: T, y: T) =>
    time(x) - time(y) ||
    compare(x.orderNo, y.orderNo) ||
    compare(x.ruleId, y.ruleId) ||
    compare(x.eventId, y.eventId);
}

function compare(x: string, y: string): number {
  return x < y ? -1 : Number(x > y);
}
