import { expect, test } from 'vitest';
import { keyEffect } from './keyboard.ts';

const ids = ['a', 'b', 'c'];
const press = (key: string) => ({ key, hasModifier: false, isElsewhere: false });
const choose = (id: string | null) => ({ type: 'choose', id });

test.each([
  ['j', null, choose('a')],
  ['j', 'a', choose('b')],
  ['j', 'c', choose('c')],
  ['k', null, choose('c')],
  ['k', 'b', choose('a')],
  ['k', 'a', choose('a')],
  ['j', 'gone', choose('a')],
  ['Enter', 'b', { type: 'open', id: 'b' }],
  ['a', 'b', { type: 'acknowledge', id: 'b' }],
  ['Escape', 'b', choose(null)],
  ['/', null, { type: 'search' }],
  ['Enter', null, null],
  ['a', null, null],
  ['Escape', null, null],
  ['x', 'a', null],
])('%s with %s chosen', (key, chosen, effect) => {
  expect(keyEffect(press(key), ids, chosen)).toEqual(effect);
});

test('an empty list has nothing to walk', () => {
  expect(keyEffect(press('j'), [], null)).toBeNull();
  expect(keyEffect(press('k'), [], null)).toBeNull();
});

test('keys of the browser, of fields and of dialogs are theirs', () => {
  expect(keyEffect({ ...press('a'), hasModifier: true }, ids, 'a')).toBeNull();
  expect(keyEffect({ ...press('j'), isElsewhere: true }, ids, 'a')).toBeNull();
});
