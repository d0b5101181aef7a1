import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, NO_STOCK, restock } from './stock.ts';
import type { Reservation, Stock } from './stock.ts';

const stock: Stock = { available: 3, reserved: 0, sold: 0, version: 1 };
const command = (type: 'RESERVE' | 'CONFIRM' | 'COMPENSATE', quantity = 2) => ({
  type,
  quantity,
  requestedAt: 5,
});

/** The answers to these commands, one after another, and what is left. */
function after(start: Stock | undefined, ...commands: ReturnType<typeof command>[]) {
  let [now, reservation] = [start, undefined as Reservation | undefined];
  const answers = commands.map((each) => {
    const decision = decide(now, reservation, each);
    ({ stock: now, reservation } = decision);
    return decision.reason === null ? decision.type : `${decision.type}: ${decision.reason}`;
  });
  return { answers, stock: now };
}

describe('an order', () => {
  test('reserves, and confirms what it has', () => {
    expect(after(stock, command('RESERVE'), command('CONFIRM'))).toEqual({
      answers: ['RESERVED', 'CONFIRMED'],
      stock: { available: 1, reserved: 0, sold: 2, version: 3 },
    });
  });

  test('gives back what it reserved, and what it bought', () => {
    const back = { available: 3, reserved: 0, sold: 0 };
    expect(after(stock, command('RESERVE'), command('COMPENSATE')).stock).toMatchObject(back);
    expect(
      after(stock, command('RESERVE'), command('CONFIRM'), command('COMPENSATE')).stock,
    ).toMatchObject(back);
  });

  test('is refused what is not there, and what nobody has heard of', () => {
    expect(after(stock, command('RESERVE', 4))).toEqual({
      answers: ['REFUSED: 3 of 4 pieces are available'],
      stock,
    });
    expect(after(undefined, command('RESERVE')).answers).toEqual(['REFUSED: the sku is unknown']);
  });

  test('that repeats itself gets the same answer, and changes nothing', () => {
    for (const types of [['RESERVE'], ['RESERVE', 'CONFIRM'], ['RESERVE', 'COMPENSATE']] as const) {
      const once = after(stock, ...types.map((type) => command(type)));
      const last = command(types.at(-1)!);
      const twice = after(stock, ...types.map((type) => command(type)), last, last);
      expect(twice.stock).toEqual(once.stock);
      expect(twice.answers.slice(-2)).toEqual([once.answers.at(-1), once.answers.at(-1)]);
    }
  });

  test('that was refused stays refused, also when stock has come in meanwhile', () => {
    const { reservation } = decide(stock, undefined, command('RESERVE', 4));
    expect(decide(restock(stock, 10), reservation, command('RESERVE', 4)).type).toBe('REFUSED');
  });

  test('that is compensated before its reservation comes reserves nothing', () => {
    expect(after(stock, command('COMPENSATE'), command('RESERVE'))).toEqual({
      answers: ['COMPENSATED', 'REFUSED: the order was compensated before'],
      stock,
    });
  });

  test('can not confirm what it does not have', () => {
    expect(after(stock, command('CONFIRM')).answers).toEqual([
      'REFUSED: there is nothing to confirm: it was never reserved',
    ]);
  });
});

const step = fc.oneof(
  fc.record({ restock: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    order: fc.nat(3),
    type: fc.constantFrom('RESERVE', 'CONFIRM', 'COMPENSATE'),
    quantity: fc.integer({ min: 1, max: 9 }),
  }),
);

test('whatever orders do: nothing is below zero, nothing leaks, and each order holds what it reserved', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now: Stock = NO_STOCK;
      let cameIn = 0;
      const reservations = new Map<number, Reservation | undefined>();
      for (const each of steps) {
        const before = now;
        if ('restock' in each) {
          now = restock(now, each.restock);
          cameIn += each.restock;
        } else {
          const decision = decide(now, reservations.get(each.order), { ...each, requestedAt: 0 });
          now = decision.stock!;
          reservations.set(each.order, decision.reservation);
        }
        expect(Math.min(now.available, now.reserved, now.sold)).toBeGreaterThanOrEqual(0);
        expect(now.available + now.reserved + now.sold).toBe(cameIn);
        expect(now.version).toBe(before.version + (now === before ? 0 : 1));
        const held = (status: string) =>
          [...reservations.values()].reduce(
            (sum, r) => sum + (r?.status === status ? r.quantity : 0),
            0,
          );
        expect([now.reserved, now.sold]).toEqual([held('RESERVED'), held('CONFIRMED')]);
      }
    }),
  );
});
