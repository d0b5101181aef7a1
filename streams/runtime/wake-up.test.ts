import { expect, test } from 'vitest';
import { ManualClock, settle } from './testing/clocks.ts';
import { WakeUp } from './wake-up.ts';

function waiting(wakeUp: WakeUp, clock: ManualClock, ms: number) {
  const state = { isOver: false };
  void wakeUp.wait(ms, clock).then(() => (state.isOver = true));
  return state;
}

test('waits until the time is over', async () => {
  const clock = new ManualClock();
  const wait = waiting(new WakeUp(), clock, 100);
  await clock.advance(99);
  expect(wait.isOver).toBe(false);
  await clock.advance(1);
  await settle();
  expect(wait.isOver).toBe(true);
});

test('is woken', async () => {
  const clock = new ManualClock();
  const wakeUp = new WakeUp();
  const wait = waiting(wakeUp, clock, 100);
  await settle();
  wakeUp.notify();
  await settle();
  expect(wait.isOver).toBe(true);
  expect(clock.pauses).toEqual([]);
});

test('is not put to sleep by a call that came before', async () => {
  const clock = new ManualClock();
  const wakeUp = new WakeUp();
  wakeUp.notify();
  wakeUp.notify();
  const first = waiting(wakeUp, clock, 100);
  await settle();
  expect(first.isOver).toBe(true);
  const second = waiting(wakeUp, clock, 100);
  await settle();
  expect(second.isOver).toBe(false);
});

test('is woken once by a call, and sleeps again after it', async () => {
  const clock = new ManualClock();
  const wakeUp = new WakeUp();
  const first = waiting(wakeUp, clock, 100);
  wakeUp.notify();
  await settle();
  expect(first.isOver).toBe(true);
  const second = waiting(wakeUp, clock, 100);
  await settle();
  expect(second.isOver).toBe(false);
  await clock.advance(100);
  await settle();
  expect(second.isOver).toBe(true);
});
