import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenOffsets } from './open-offsets.ts';

test('nothing that is still open is called consumed, and nothing more is held back', () => {
  const actions = fc.array(fc.oneof(fc.constant('open' as const), fc.nat(100)), { maxLength: 60 });
  fc.assert(
    fc.property(actions, fc.integer({ min: 1, max: 3 }), (steps, gap) => {
      const offsets = new OpenOffsets();
      const open: number[] = [];
      let next = 0;
      for (const step of steps) {
        if (step === 'open') {
          offsets.open('t', next);
          open.push(next);
          // Control records take offsets, too.
          next += gap;
          offsets.readTo('t', next);
        } else if (open.length > 0) offsets.close('t', open.splice(step % open.length, 1)[0]!);
        expect(offsets.size).toBe(open.length);
        expect(offsets.positions().get('t')).toBe(next === 0 ? undefined : Math.min(...open, next));
      }
    }),
  );
});

test('what is closed twice, or was never open, changes nothing', () => {
  const offsets = new OpenOffsets();
  offsets.open('t', 1);
  offsets.readTo('t', 2);
  offsets.close('t', 1);
  offsets.close('t', 1);
  offsets.close('u', 1);
  expect([offsets.size, offsets.positions().get('t')]).toEqual([0, 2]);
});
