import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimerQueue } from './timer-queue.ts';

type Step =
  | { readonly do: 'set'; readonly key: string; readonly dueAt: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'poll' | 'forgetFrom'; readonly at: number }
  | { readonly do: 'clear' };

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const instants = fc.integer({ min: 0, max: 20 });
const steps = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('set' as const), key: keys, dueAt: instants }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key: keys }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('poll' as const), at: instants }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forgetFrom' as const), at: instants }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

test('holds the same timers as a map that is searched', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 300, size: 'max' }), (history) => {
      const queue = new TimerQueue();
      const model = new Map<string, number>();
      for (const step of history) {
        apply(step, queue, model);
        expect(queue.size).toBe(model.size);
        expect(queue.nextDueAt).toBe(Math.min(Infinity, ...model.values()));
      }
      expect(drain(queue)).toEqual(
        [...model].sort(byInstant).map(([key, dueAt]) => ({ key, dueAt })),
      );
    }),
  );
});

test('a timer that moves often counts once, at its last instant', () => {
  const queue = new TimerQueue();
  queue.set('still', 1);
  for (let i = 0; i < 1000; i++) for (const key of ['a', 'b', 'c']) queue.set(key, 5000 - i);
  queue.set('b', 9000);
  expect(queue.size).toBe(4);
  expect(drain(queue)).toEqual([
    { key: 'still', dueAt: 1 },
    { key: 'a', dueAt: 4001 },
    { key: 'c', dueAt: 4001 },
    { key: 'b', dueAt: 9000 },
  ]);
});

test('a timer that is taken and set again for the same instant is there once', () => {
  const queue = new TimerQueue();
  for (const dueAt of [10, 20, 10]) queue.set('a', dueAt);
  expect(queue.poll(10)).toEqual({ key: 'a', dueAt: 10 });
  expect(queue.poll(Infinity)).toBeUndefined();
  queue.set('a', 10);
  expect(drain(queue)).toEqual([{ key: 'a', dueAt: 10 }]);
});

test('nothing is due before its instant, and everything at it', () => {
  const queue = new TimerQueue();
  queue.set('a', 10);
  expect(queue.poll(9)).toBeUndefined();
  expect(queue.poll(10)).toEqual({ key: 'a', dueAt: 10 });
});

test('an empty queue has nothing due, not even at the end of time', () => {
  const queue = new TimerQueue();
  expect(queue.nextDueAt).toBe(Infinity);
  expect(queue.poll(Infinity)).toBeUndefined();
  expect(queue.median()).toBe(Infinity);
});

test('half of the timers are before the median', () => {
  const queue = new TimerQueue();
  [50, 10, 40, 20, 30].forEach((dueAt, i) => queue.set(`key-${i}`, dueAt));
  expect(queue.median()).toBe(30);
  expect(queue.forgetFrom(30)).toBe(3);
  expect(drain(queue).map(({ dueAt }) => dueAt)).toEqual([10, 20]);
});

function apply(step: Step, queue: TimerQueue, model: Map<string, number>): void {
  switch (step.do) {
    case 'set':
      queue.set(step.key, step.dueAt);
      model.set(step.key, step.dueAt);
      return;
    case 'delete':
      queue.delete(step.key);
      model.delete(step.key);
      return;
    case 'poll': {
      const earliest = Math.min(...model.values());
      const taken = queue.poll(step.at);
      if (earliest > step.at || model.size === 0) {
        expect(taken).toBeUndefined();
        return;
      }
      const [first] = [...model].sort(byInstant);
      expect(taken).toEqual({ key: first![0], dueAt: earliest });
      model.delete(taken!.key);
      return;
    }
    case 'forgetFrom': {
      const gone = [...model].filter(([, dueAt]) => dueAt >= step.at);
      expect(queue.forgetFrom(step.at)).toBe(gone.length);
      for (const [key] of gone) model.delete(key);
      return;
    }
    case 'clear':
      queue.clear();
      model.clear();
  }
}

/** All timers in the order they come. */
function drain(queue: TimerQueue): { key: string; dueAt: number }[] {
  const taken: { key: string; dueAt: number }[] = [];
  for (let due = queue.poll(Infinity); due; due = queue.poll(Infinity)) taken.push(due);
  return taken;
}

function byInstant(a: readonly [string, number], b: readonly [string, number]): number {
  return a[1] - b[1] || (a[0] < b[0] ? -1 : 1);
}
