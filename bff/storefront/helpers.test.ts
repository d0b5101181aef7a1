import { describe, expect, test } from 'vitest';
import { catalogueAddress } from './addresses.ts';
import { isOrderable, lineProblem, quantitiesUpTo } from './cart-check.ts';
import { localPath } from './local-path.ts';
import { piecesOf } from './marked.ts';
import { storyOf } from './story.ts';
import { moved } from './suggestion-moves.ts';
import { NOON } from './testing/fake-api.ts';

describe('where to go on', () => {
  test.each(['/checkout', '/?q=%E8%8C%B6&page=2', '/orders/ORD-1'])('%s is ours', (path) => {
    expect(localPath(path)).toBe(path);
  });
  test.each([
    undefined,
    '',
    'checkout',
    '//x.example',
    '/\\x.example',
    'https://x.example',
    '/\t/x',
    '/a\nb',
    'javascript:alert(1)',
  ])('%j is not', (path) => expect(localPath(path)).toBe('/'));
});

describe('highlights', () => {
  test('are pieces of text', () => {
    expect(piecesOf('A <mark>tea</mark> &amp; &lt;b&gt;')).toEqual([
      { text: 'A ', isMarked: false },
      { text: 'tea', isMarked: true },
      { text: ' & <b>', isMarked: false },
    ]);
  });
  test('keep other HTML as the text that it is', () => {
    expect(piecesOf('<img onerror=x>')).toEqual([{ text: '<img onerror=x>', isMarked: false }]);
  });
});

describe('suggestions', () => {
  test('go round, by way of the field', () => {
    const down = [-1, 0, 1].map((active) => moved('ArrowDown', active, 2));
    const up = [-1, 0, 1].map((active) => moved('ArrowUp', active, 2));
    expect([down, up]).toEqual([
      [0, 1, -1],
      [1, -1, 0],
    ]);
  });
  test('leave other keys alone, and all keys when there are none', () => {
    expect([moved('a', 0, 2), moved('ArrowDown', -1, 0)]).toEqual([undefined, undefined]);
  });
});

test('another filter begins at the first page', () => {
  const query = { q: '茶', category: 'tea', page: '3' };
  expect(catalogueAddress(query, { category: '' })).toBe(`/?q=${encodeURIComponent('茶')}`);
  expect(catalogueAddress(query, { page: '4' })).toContain('page=4');
  expect(catalogueAddress({}, {})).toBe('/');
});

test('a cart is orderable when each line is', () => {
  const line = { isListed: true, quantity: 2, available: 2 };
  expect(lineProblem(line)).toBeNull();
  expect(lineProblem({ ...line, available: null })).toBeNull();
  expect(lineProblem({ ...line, available: 1 })).toBe('too-many');
  expect(lineProblem({ ...line, available: 0 })).toBe('sold-out');
  expect(lineProblem({ ...line, isListed: false })).toBe('gone');
  expect(isOrderable({ lines: [] })).toBe(false);
});

test('what is chosen can always be kept', () => {
  expect(quantitiesUpTo(3)).toEqual([1, 2, 3]);
  expect(quantitiesUpTo(null).length).toBe(20);
  expect(quantitiesUpTo(0, 5)).toEqual([1, 2, 3, 4, 5]);
});

test('a story tells once what the provider reports twice', () => {
  const order = { kind: 'order', paymentStatus: null, reason: null } as const;
  const payment = { kind: 'payment', status: '?', source: 'WEBHOOK', eventId: 'e' } as const;
  const timeline = [
    { ...order, at: NOON, status: 'PENDING' },
    { ...payment, at: NOON + 1, result: 'neutral' },
    { ...order, at: NOON + 2, status: 'WAITING_PAYMENT' },
    { ...payment, at: NOON + 3, result: 'success' },
    { ...payment, at: NOON + 4, result: 'success', source: 'POLLING' },
    { ...order, at: NOON + 5, status: 'PAID' },
  ] as const;
  expect(storyOf({ timeline: [...timeline], paymentExpiresAt: null })).toEqual([
    { at: NOON, event: 'ordered' },
    { at: NOON + 2, event: 'ready-to-pay' },
    { at: NOON + 3, event: 'payment-seen' },
    { at: NOON + 5, event: 'paid' },
  ]);
});
