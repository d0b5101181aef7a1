import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Watermark } from './watermark.ts';

const LATENESS = 5;
const FAR = 1_000_000;

describe('an input with unread records', () => {
  test('holds the watermark at minus infinity before its first record', () => {
    const watermark = new Watermark(2, LATENESS);
    watermark.read(0, 100);
    expect(watermark.advance(FAR)).toBe(false);
    expect(watermark.value).toBe(-Infinity);
  });

  test('contributes its greatest event time less the lateness', () => {
    const watermark = new Watermark(1, LATENESS);
    for (const eventTime of [100, 300, 200]) watermark.read(0, eventTime);
    expect(watermark.advance(FAR)).toBe(true);
    expect(watermark.value).toBe(300 - LATENESS);
    expect(watermark.maxEventTime(0)).toBe(300);
  });

  test('contributes the wall clock when its event times run ahead of it', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.read(0, 300);
    watermark.advance(200);
    expect(watermark.value).toBe(200 - LATENESS);
    watermark.advance(FAR);
    expect(watermark.value).toBe(300 - LATENESS);
  });
});

describe('an input that is caught up', () => {
  test('contributes the instant at which it was, whatever was read', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.read(0, 100);
    watermark.caughtUp(0, 500);
    watermark.advance(500);
    expect(watermark.value).toBe(500 - LATENESS);
  });

  test('contributes it also when nothing was ever read', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.caughtUp(0, 500);
    watermark.advance(500);
    expect(watermark.value).toBe(500 - LATENESS);
  });

  test('stands at that instant, not at now: nobody has said since that there is nothing', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.caughtUp(0, 500);
    watermark.advance(FAR);
    expect(watermark.value).toBe(500 - LATENESS);
    watermark.caughtUp(0, 600);
    watermark.advance(FAR);
    expect(watermark.value).toBe(600 - LATENESS);
  });

  test('is bound by its event times again once it is behind', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.read(0, 100);
    watermark.caughtUp(0, 500);
    expect(watermark.isCaughtUp(0)).toBe(true);
    watermark.behind(0);
    expect(watermark.isCaughtUp(0)).toBe(false);
    watermark.advance(FAR);
    expect(watermark.value).toBe(100 - LATENESS);
  });
});

describe('the watermark', () => {
  test('is the minimum of its inputs, caught up or not', () => {
    const watermark = new Watermark(3, LATENESS);
    watermark.read(0, 300);
    watermark.read(1, 200);
    watermark.caughtUp(2, 400);
    watermark.advance(FAR);
    expect(watermark.value).toBe(200 - LATENESS);
    expect(watermark.slowestInput(FAR)).toBe(1);
    watermark.caughtUp(1, 450);
    watermark.advance(FAR);
    expect(watermark.value).toBe(300 - LATENESS);
    expect(watermark.slowestInput(FAR)).toBe(0);
  });

  test('stays when a caught-up input has older records to read', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.caughtUp(0, 500);
    watermark.advance(500);
    watermark.behind(0);
    watermark.read(0, 100);
    expect(watermark.advance(501)).toBe(false);
    expect(watermark.value).toBe(500 - LATENESS);
  });

  test('stays when the wall clock is set back', () => {
    const watermark = new Watermark(1, LATENESS);
    watermark.read(0, 300);
    watermark.advance(300);
    watermark.advance(100);
    expect(watermark.value).toBe(300 - LATENESS);
  });

  test('goes on where the last commit left it, event times included', () => {
    const restored = { watermark: 250, maxEventTimes: [300, 280] };
    const watermark = new Watermark(2, LATENESS, restored);
    expect(watermark.value).toBe(250);
    expect([watermark.maxEventTime(0), watermark.maxEventTime(1)]).toEqual([300, 280]);
    watermark.read(1, 260);
    watermark.advance(FAR);
    expect(watermark.value).toBe(280 - LATENESS);
  });

  test('stays at a restored one that the inputs have not reached', () => {
    const watermark = new Watermark(2, LATENESS, { watermark: 250, maxEventTimes: [100] });
    watermark.read(1, 100);
    expect(watermark.advance(FAR)).toBe(false);
    expect(watermark.value).toBe(250);
  });

  test('is what the rules say, on any history', () => {
    const instant = fc.integer({ min: 0, max: 50 });
    const input = fc.nat({ max: 2 });
    const step = fc.oneof(
      fc.tuple(fc.constant('read' as const), input, instant),
      fc.tuple(fc.constant('caughtUp' as const), input, instant),
      fc.tuple(fc.constant('behind' as const), input, instant),
      fc.tuple(fc.constant('advance' as const), input, instant),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (history) => {
        const watermark = new Watermark(3, LATENESS);
        const inputs = [0, 1, 2].map(() => ({ events: [] as number[], endedAt: -1 }));
        let value = -Infinity;
        for (const [what, i, at] of history) {
          if (what === 'advance') {
            const contributions = inputs.map(({ events, endedAt }) =>
              endedAt >= 0 ? endedAt : Math.min(at, Math.max(-Infinity, ...events)),
            );
            const before = value;
            value = Math.max(value, Math.min(...contributions) - LATENESS);
            expect(watermark.advance(at)).toBe(value > before);
          } else {
            watermark[what](i, at);
            if (what === 'read') inputs[i]!.events.push(at);
            else inputs[i]!.endedAt = what === 'caughtUp' ? at : -1;
          }
          expect(watermark.value).toBe(value);
        }
      }),
    );
  });
});
