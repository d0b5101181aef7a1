import { expect, test } from 'vitest';
import { ensureNode, isNewEnough } from './node.mjs';

test('24 and later are new enough', () => {
  expect(['20.20.2', '22.1.0', '24.0.0', '26.3.1'].map(isNewEnough)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('a Node that is new enough is used as it is', async () => {
  expect(await ensureNode(() => expect.unreachable())).toBe(process.execPath);
});
