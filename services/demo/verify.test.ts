import { describe, expect, test } from 'vitest';
import type { AlertRaised, StorageEvent } from '#schemas';
import type { Shopper } from './plan.ts';
import { verdictOf } from './verify.ts';
import { Watch } from './watch.ts';

const DELIVERED = 10;
const GRACE_MS = 300_000;
const lines = [{ sku: 'tea', quantity: 2, unitPrice: 100 }];
const pays: Shopper = {
  orderNo: 'A',
  behaviour: 'pays',
  lines,
  faults: undefined,
  expected: 'PAID',
};
const leaves: Shopper = { ...pays, orderNo: 'B', behaviour: 'leaves', expected: 'FAILED' };

/** A run in which all is well: A paid, B left. */
class Run {
  readonly watch = new Watch([pays, leaves], () => undefined);
  #version = 0;

  statuses(orderNo: string, ...statuses: string[]): this {
    for (const [at, status] of statuses.entries())
      this.watch.status({
        orderNo,
        status: status as 'PAID',
        updatedAt: 1000 * at,
        paymentStatus: null,
        paymentExpiresAt: null,
        reason: null,
      });
    return this;
  }

  storage(
    orderNo: string,
    type: StorageEvent['type'],
    [available, reserved, sold]: number[],
    sku = 'tea',
  ): this {
    const commandId = `${orderNo}/${type}`;
    const event = { commandId, sku, type, orderNo, quantity: 2, reason: null };
    const levels = { available: available!, reserved: reserved!, sold: sold! };
    this.watch.storage({ ...event, ...levels, version: ++this.#version, occurredAt: 0 });
    return this;
  }

  confirmed(isWithinObjective = true): this {
    const about = { orderNo: 'A', paidAt: 1000, confirmedAt: 3000, measuredAt: 3000 };
    this.watch.confirmation({ ...about, isWithinObjective });
    return this;
  }

  alert(ruleId: 'RULE_A' | 'RULE_B'): this {
    const eventId = 'pp:COMPLETED';
    this.watch.alert({ orderNo: 'A', ruleId, eventId } as AlertRaised);
    return this;
  }

  get faults(): readonly string[] {
    const known = { deliveredPerSku: DELIVERED, graceMs: GRACE_MS };
    return verdictOf([pays, leaves], this.watch, known).faults;
  }
}

function reserved(): Run {
  return new Run()
    .statuses('A', 'PENDING', 'WAITING_PAYMENT', 'PAID')
    .statuses('B', 'PENDING', 'WAITING_PAYMENT', 'FAILED')
    .storage('A', 'RESERVED', [8, 2, 0])
    .storage('B', 'RESERVED', [6, 4, 0]);
}

function well(): Run {
  return reserved()
    .storage('A', 'CONFIRMED', [6, 2, 2])
    .storage('B', 'COMPENSATED', [8, 0, 2])
    .confirmed();
}

test('a run in which all is well has no faults', () => {
  expect(well().faults).toEqual([]);
  expect(well().watch.settled).toBe(2);
});

describe('is a fault', () => {
  test('a compensation that is missing', () => {
    const run = reserved().storage('A', 'CONFIRMED', [6, 2, 2]).confirmed();
    expect(run.faults.join()).toContain('B: 2 × tea were reserved 2, confirmed 0, compensated 0');
    expect(run.faults.join()).toContain('tea: 6 available, 2 reserved');
    expect(run.watch.settled).toBe(1);
  });

  test('a compensation of what was sold', () => {
    expect(well().storage('A', 'COMPENSATED', [10, 0, 0]).faults.join()).toContain('A: 2 × tea');
  });

  test('an order on a way that is none', () => {
    expect(well().statuses('B', 'PAID').faults.join()).toContain('B (leaves) went PENDING');
  });

  test('an objective that was missed', () => {
    expect(well().confirmed(false).faults.join()).toContain('0.0 % of the paid orders');
  });

  test('an alert that is not true', () => {
    expect(well().alert('RULE_B').faults.join()).toContain('RULE_B was raised for A');
    expect(well().alert('RULE_A').faults.join()).toContain('RULE_A was raised for A');
  });
});

test('an alert that is true is none: the order was PAID later than the grace', () => {
  const run = well().alert('RULE_A');
  const occurredAt = 2000 - GRACE_MS - 1;
  const about = { orderNo: 'A', eventId: 'pp:COMPLETED', source: 'POLLING' as const };
  run.watch.observation({ ...about, status: 'COMPLETED', occurredAt });
  expect(run.faults).toEqual([]);
});

test('an answer that comes twice moves the stock once', () => {
  expect(well().storage('A', 'CONFIRMED', [8, 0, 2]).faults).toEqual([]);
});

test('what others buy meanwhile is no fault of the run', () => {
  expect(well().storage('Z', 'CONFIRMED', [996, 0, 4], 'coffee').faults).toEqual([]);
});
