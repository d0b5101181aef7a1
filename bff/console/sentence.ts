/** An alert in one sentence: what was seen, what should have been, and what that means for people and money. */
import type { Alert } from '../contract-ops.ts';
import type { Lang } from '../contract.ts';
import { duration } from './ages.ts';

type Told = Pick<Alert, 'ruleId' | 'observed' | 'expected' | 'totalAmount' | 'resolvedAt'>;

const FAILURES: readonly string[] = ['FAILED', 'CANCELLED', 'CANCELED', 'EXPIRED'];

/**
 * `graceMs`: how long they were given; null: not known, or the rule gives none.
 *
 * @example
 * sentenceOf(alert, 300_000, 'en');
 * // 'The payment of ¥1,280 succeeded (COMPLETED), but 5 min later the order is still WAITING_PAYMENT; it should be PAID.'
 */
export function sentenceOf(alert: Told, graceMs: number | null, lang: Lang): string {
  return lang === 'ja' ? inJapanese(alert, graceMs) : inEnglish(alert, graceMs);
}

function inEnglish({ ruleId, observed, expected, totalAmount }: Told, graceMs: number | null) {
  const { orderStatus, paymentStatus } = observed;
  const of = totalAmount === null ? '' : ` of ${money(totalAmount)}`;
  const later = graceMs === null ? '' : `${duration(graceMs, 'en')} later `;
  switch (ruleId) {
    case 'RULE_A':
      return orderStatus === 'UNKNOWN'
        ? `A payment succeeded (${String(paymentStatus)}), but ${later}nothing is known of its order; it should be ${expected.orderStatus}.`
        : `The payment${of} succeeded (${String(paymentStatus)}), but ${later}the order is still ${orderStatus}; it should be ${expected.orderStatus}.`;
    case 'RULE_B':
      if (paymentStatus === null) {
        return `The order is PAID, but ${later}no payment${of} has been seen; it should be ${expected.orderStatus}.`;
      }
      return FAILURES.includes(paymentStatus)
        ? `The order is PAID, but ${later}its payment${of} is ${paymentStatus}; it should be ${expected.orderStatus}.`
        : `The order is PAID, but ${later}its payment${of} has not succeeded (${paymentStatus}); it should be ${expected.orderStatus}.`;
    case 'RULE_C':
      return orderStatus === 'FAILED'
        ? `The order is FAILED, but the payment${of} succeeded (${String(paymentStatus)}): the shopper has paid for nothing.`
        : `The payment${of} succeeded (${String(paymentStatus)}) after it had expired, and the order is ${orderStatus}; it should be ${expected.orderStatus}, and the money returned.`;
    case 'UNKNOWN':
      return `Order ${orderStatus}, payment ${paymentStatus ?? 'not seen'}; the order should be ${expected.orderStatus}. This console does not know the rule.`;
  }
}

function inJapanese({ ruleId, observed, expected, totalAmount }: Told, graceMs: number | null) {
  const { orderStatus, paymentStatus } = observed;
  const of = totalAmount === null ? '' : `（${money(totalAmount)}）`;
  const later = graceMs === null ? '' : `${duration(graceMs, 'ja')}たっても`;
  switch (ruleId) {
    case 'RULE_A':
      return orderStatus === 'UNKNOWN'
        ? `決済は成功しました（${String(paymentStatus)}）が、${later}注文の記録がありません。正しくは ${expected.orderStatus} です。`
        : `決済${of}は成功しました（${String(paymentStatus)}）が、${later}注文は ${orderStatus} のままです。正しくは ${expected.orderStatus} です。`;
    case 'RULE_B':
      if (paymentStatus === null) {
        return `注文は PAID ですが、${later}決済${of}が確認されていません。正しくは ${expected.orderStatus} です。`;
      }
      return FAILURES.includes(paymentStatus)
        ? `注文は PAID ですが、決済${of}は ${paymentStatus} です。正しくは ${expected.orderStatus} です。`
        : `注文は PAID ですが、${later}決済${of}が成功していません（${paymentStatus}）。正しくは ${expected.orderStatus} です。`;
    case 'RULE_C':
      return orderStatus === 'FAILED'
        ? `注文は FAILED ですが、決済${of}は成功しています（${String(paymentStatus)}）。お客様は何も受け取れないまま支払っています。`
        : `決済${of}は期限を過ぎてから成功し（${String(paymentStatus)}）、注文は ${orderStatus} です。正しくは ${expected.orderStatus} で、返金が必要です。`;
    case 'UNKNOWN':
      return `注文 ${orderStatus}、決済 ${paymentStatus ?? '確認なし'}。注文は ${expected.orderStatus} のはずです。この画面の知らないルールです。`;
  }
}

function money(amount: number): string {
  return `¥${amount.toLocaleString('en-US')}`;
}
