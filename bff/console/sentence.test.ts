import { expect, test } from 'vitest';
import { MINUTE, sampleAlert } from './testing/samples.ts';
import { sentenceOf } from './sentence.ts';

const of = (
  ruleId: 'RULE_A' | 'RULE_B' | 'RULE_C',
  order: string,
  payment: string | null,
  expected: string,
) =>
  sampleAlert({
    ruleId,
    observed: { orderStatus: order, paymentStatus: payment },
    expected: { orderStatus: expected },
  });

test.each([
  [
    of('RULE_A', 'WAITING_PAYMENT', 'COMPLETED', 'PAID'),
    'The payment of ¥1,280 succeeded (COMPLETED), but 5 min later the order is still WAITING_PAYMENT; it should be PAID.',
    '決済（¥1,280）は成功しました（COMPLETED）が、5分たっても注文は WAITING_PAYMENT のままです。正しくは PAID です。',
  ],
  [
    of('RULE_A', 'UNKNOWN', 'CAPTURED', 'PAID'),
    'A payment succeeded (CAPTURED), but 5 min later nothing is known of its order; it should be PAID.',
    '決済は成功しました（CAPTURED）が、5分たっても注文の記録がありません。正しくは PAID です。',
  ],
  [
    of('RULE_B', 'PAID', null, 'WAITING_PAYMENT'),
    'The order is PAID, but 5 min later no payment of ¥1,280 has been seen; it should be WAITING_PAYMENT.',
    '注文は PAID ですが、5分たっても決済（¥1,280）が確認されていません。正しくは WAITING_PAYMENT です。',
  ],
  [
    of('RULE_B', 'PAID', 'CANCELED', 'FAILED'),
    'The order is PAID, but 5 min later its payment of ¥1,280 is CANCELED; it should be FAILED.',
    '注文は PAID ですが、決済（¥1,280）は CANCELED です。正しくは FAILED です。',
  ],
  [
    of('RULE_B', 'PAID', 'AUTHORIZED', 'WAITING_PAYMENT'),
    'The order is PAID, but 5 min later its payment of ¥1,280 has not succeeded (AUTHORIZED); it should be WAITING_PAYMENT.',
    '注文は PAID ですが、5分たっても決済（¥1,280）が成功していません（AUTHORIZED）。正しくは WAITING_PAYMENT です。',
  ],
  [
    of('RULE_C', 'FAILED', 'COMPLETED', 'FAILED'),
    'The order is FAILED, but the payment of ¥1,280 succeeded (COMPLETED): the shopper has paid for nothing.',
    '注文は FAILED ですが、決済（¥1,280）は成功しています（COMPLETED）。お客様は何も受け取れないまま支払っています。',
  ],
  [
    of('RULE_C', 'WAITING_PAYMENT', 'COMPLETED', 'FAILED'),
    'The payment of ¥1,280 succeeded (COMPLETED) after it had expired, and the order is WAITING_PAYMENT; it should be FAILED, and the money returned.',
    '決済（¥1,280）は期限を過ぎてから成功し（COMPLETED）、注文は WAITING_PAYMENT です。正しくは FAILED で、返金が必要です。',
  ],
])('%#', (alert, en, ja) => {
  expect(sentenceOf(alert, 5 * MINUTE, 'en')).toBe(en);
  expect(sentenceOf(alert, 5 * MINUTE, 'ja')).toBe(ja);
});

test('what is not known is left out', () => {
  const alert = { ...of('RULE_A', 'PENDING', 'COMPLETED', 'PAID'), totalAmount: null };
  expect(sentenceOf(alert, null, 'en')).toBe(
    'The payment succeeded (COMPLETED), but the order is still PENDING; it should be PAID.',
  );
});
