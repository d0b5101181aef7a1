import { expect, test } from 'vitest';
import { resultOf } from './payment-status.ts';

test.each(['COMPLETED', 'SUCCESS', 'CAPTURED'])('%s is a success', (word) => {
  expect(resultOf(word)).toBe('success');
});

test.each(['FAILED', 'CANCELLED', 'CANCELED', 'EXPIRED'])('%s is a failure', (word) => {
  expect(resultOf(word)).toBe('failure');
});

test.each(['CREATED', 'AUTHORIZED', 'REFUNDED', 'captured', ' FAILED', '', 'SOMETHING_NEW'])(
  '"%s" is neutral',
  (word) => {
    expect(resultOf(word)).toBe('neutral');
  },
);
