import { expect, test } from 'vitest';
import { Faults, faultSetSchema } from './faults.ts';

const lost = { webhook: { lost: true } };
const twice = { webhook: { twice: true } };

test('an order’s faults are for the payments that bear its number, the longest one counts', () => {
  const faults = Faults.none.withSet('ORD-1', lost).withSet('ORD-1-2', twice);
  expect(faults.of('ORD-1')).toBe(lost);
  expect(faults.of('ORD-1-1')).toBe(lost);
  expect(faults.of('ORD-1-2')).toBe(twice);
  expect(faults.of('ORD-1-2-a')).toBe(twice);
  expect(faults.of('ORD-10-1')).toEqual({});
  expect(faults.of('ORD')).toEqual({});
});

test('an order’s set is instead of the default one, not added to it', () => {
  const faults = Faults.none.withSet(null, lost).withSet('ORD-1', {});
  expect(faults.of('ORD-1-1')).toEqual({});
  expect(faults.of('ORD-2-1')).toBe(lost);
  expect(faults.withSet('ORD-1', undefined).of('ORD-1-1')).toBe(lost);
});

test('API faults hit one call or all, and so many times', () => {
  const faults = Faults.none.withSet('ORD-1', { api: { status: 500, path: 'refund', times: 1 } });
  expect(faults.hitting('create', 'ORD-1-1')).toBeUndefined();
  expect(faults.hitting('refund', 'ORD-2-1')).toBeUndefined();
  expect(faults.hitting('refund', undefined)).toBeUndefined();
  expect(faults.hitting('refund', 'ORD-1-1')).toMatchObject({ scope: 'ORD-1' });
  const used = faults.withUse('ORD-1');
  expect(used.hitting('refund', 'ORD-1-1')).toBeUndefined();
  // Set again, they are new.
  const again = used.withSet('ORD-1', used.setOf('ORD-1'));
  expect(again.hitting('refund', 'ORD-1-1')).toBeDefined();
});

test('what is no fault is refused', () => {
  for (const wrong of [
    { webhooks: {} },
    { webhook: { delay: 1 } },
    { webhook: { delayMs: -1 } },
    { webhook: { forged: 'all' } },
    { api: { status: 404 } },
    { api: { times: 1 } },
    { api: { status: 500, times: 0 } },
    { payment: { failsAfterMs: 1.5 } },
    [],
  ]) {
    expect(faultSetSchema.safeParse(wrong).success).toBe(false);
  }
});
