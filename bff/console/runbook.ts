/** What to check and decide, by rule; `docs/alert-rules.md` and `docs/orders.md` in an operator's words. */
import type { ActionType, Alert } from '../contract-ops.ts';
import type { Words } from '../web/i18n.ts';

export interface Runbook {
  readonly title: string;
  readonly meaning: string;
  readonly steps: readonly string[];
  /** When it ends by itself. */
  readonly ends: string;
}

export const ruleTitles: Words<Readonly<Record<Alert['ruleId'], string>>> = {
  ja: {
    RULE_A: '支払い済み・注文が未反映',
    RULE_B: 'PAID・入金が未確認',
    RULE_C: '期限後または失敗後の入金',
    UNKNOWN: '未知のルール',
  },
  en: {
    RULE_A: 'Paid, but the order did not follow',
    RULE_B: 'PAID, but no money',
    RULE_C: 'Paid too late, or after failing',
    UNKNOWN: 'Unknown rule',
  },
};

export const runbooks: Words<Readonly<Record<Alert['ruleId'], Runbook>>> = {
  ja: {
    RULE_A: {
      title: ruleTitles.ja.RULE_A,
      meaning: '決済は成功しているのに、猶予時間が過ぎても注文が PAID になっていません。',
      steps: [
        'タイムラインで、決済の成功の後に注文の記録が来ているか確認します。注文が UNKNOWN なら、注文側のイベントがすべて欠けています。',
        'まず「決済結果を再送」します。決済事業者に問い合わせ、注文はその結果に従います。何度行っても安全です。',
        'それでも進まない、または商品を用意できない場合は「注文を取り消して返金」します。在庫を戻し、支払い分を返金します。',
      ],
      ends: '注文が PAID になるか、決済が返金されると、自動で解決します。',
    },
    RULE_B: {
      title: ruleTitles.ja.RULE_B,
      meaning: '注文は PAID ですが、入金が確認できないか、最新の決済が失敗しています。',
      steps: [
        '商品がすでに出荷されていないか確認します。出荷前なら止めます。',
        '決済の記録を見ます。記録が一つもなければ、通知の欠落かもしれません。',
        '「照会して取り消し」します。決済事業者に問い合わせ、支払われていなければ注文を FAILED にして在庫を戻します。支払われていれば何も取り消しません。',
      ],
      ends: '決済の成功が記録されるか、注文が PAID でなくなると、自動で解決します。',
    },
    RULE_C: {
      title: ruleTitles.ja.RULE_C,
      meaning:
        '注文の失敗後、または支払期限の後に決済が成功しました。お客様のお金を預かったままです。',
      steps: [
        'お客様がまだ商品を必要としているか、問い合わせの記録を確認します。',
        '必要なければ「返金」します。全額がお客様に戻ります。',
        '必要であれば「支払いを受け入れる」を選びます。在庫をもう一度確保し、注文は PAID になります。売り切れなら拒否されるので、返金します。',
      ],
      ends: '返金されるか、注文が PAID になると、自動で解決します。',
    },
    UNKNOWN: {
      title: ruleTitles.ja.UNKNOWN,
      meaning: 'この画面より新しいルールによるアラートです。',
      steps: ['docs/alert-rules.md でルールを確認し、注文と決済の記録を比べてください。'],
      ends: '注文と決済が一致すると、自動で解決します。',
    },
  },
  en: {
    RULE_A: {
      title: ruleTitles.en.RULE_A,
      meaning: 'The payment succeeded, and after the grace the order is still not PAID.',
      steps: [
        'On the timeline, see whether any order record came after the payment’s success. UNKNOWN means that all of the order’s events are missing.',
        'First resend the payment result: the provider is asked, and the order follows what it says. Safe to repeat.',
        'If it still does not move, or cannot be delivered, compensate: stock goes back, and what was paid is refunded.',
      ],
      ends: 'Ends by itself when the order is PAID, or the payment is refunded.',
    },
    RULE_B: {
      title: ruleTitles.en.RULE_B,
      meaning: 'The order is PAID, but no payment has succeeded, or the latest one failed.',
      steps: [
        'Check whether the goods have left. If not, hold them.',
        'Look at the payment’s records. None at all may mean a lost notification.',
        'Query and roll back: the provider is asked, and unless it was paid the order is FAILED and the stock is back. If it was paid, nothing is rolled back.',
      ],
      ends: 'Ends by itself when a success is recorded, or the order is no longer PAID.',
    },
    RULE_C: {
      title: ruleTitles.en.RULE_C,
      meaning:
        'The payment succeeded after the order had failed, or after the payment’s expiry. We are holding the shopper’s money.',
      steps: [
        'See whether the shopper still wants the goods (support mail, account notes).',
        'If not, refund: all of it goes back.',
        'If so, accept the payment: stock is reserved once more and the order becomes PAID. Where it has sold out the decision is refused; refund then.',
      ],
      ends: 'Ends by itself when the money is refunded, or the order is PAID.',
    },
    UNKNOWN: {
      title: ruleTitles.en.UNKNOWN,
      meaning: 'Raised by a rule that is newer than this console.',
      steps: [
        'Read the rule in docs/alert-rules.md, and compare the order’s and the payment’s records.',
      ],
      ends: 'Ends by itself when money and order agree.',
    },
  },
};

export interface ActionWords {
  readonly label: string;
  /** What it does, for the dialog. */
  readonly does: string;
  /** It moves money or ends an order. */
  readonly isGrave: boolean;
}

export const actionWords: Words<Readonly<Record<ActionType, ActionWords>>> = {
  ja: {
    RESEND_PAYMENT_RESULT: {
      label: '決済結果を再送',
      does: '決済事業者に結果を問い合わせ、注文をそれに合わせます。',
      isGrave: false,
    },
    COMPENSATE: {
      label: '注文を取り消して返金',
      does: '注文をあきらめます。在庫を戻し、決済を閉じ、支払われた分を返金します。元に戻せません。',
      isGrave: true,
    },
    QUERY_AND_ROLL_BACK: {
      label: '照会して取り消し',
      does: '決済事業者に問い合わせ、支払われていなければ注文を FAILED にして在庫を戻します。',
      isGrave: true,
    },
    REFUND: {
      label: '返金',
      does: '支払いの全額をお客様に返します。元に戻せません。',
      isGrave: true,
    },
    ACCEPT_PAYMENT: {
      label: '支払いを受け入れる',
      does: '在庫をもう一度確保し、注文を PAID にします。売り切れなら拒否されます。',
      isGrave: false,
    },
  },
  en: {
    RESEND_PAYMENT_RESULT: {
      label: 'Resend payment result',
      does: 'Asks the provider for the result; the order follows what it says.',
      isGrave: false,
    },
    COMPENSATE: {
      label: 'Compensate',
      does: 'Gives up the order: stock goes back, the payment is closed, and what was paid is refunded. Cannot be undone.',
      isGrave: true,
    },
    QUERY_AND_ROLL_BACK: {
      label: 'Query and roll back',
      does: 'Asks the provider; unless it was paid, the order is FAILED and its stock goes back.',
      isGrave: true,
    },
    REFUND: {
      label: 'Refund',
      does: 'Returns all of the payment to the shopper. Cannot be undone.',
      isGrave: true,
    },
    ACCEPT_PAYMENT: {
      label: 'Accept payment',
      does: 'Reserves the stock once more and makes the order PAID. Refused where it has sold out.',
      isGrave: false,
    },
  },
};
