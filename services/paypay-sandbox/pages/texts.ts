/** What the payment page says. */
export type Language = 'ja' | 'en';

/** How a code's page is: it can be paid, or why not. */
export type PageState =
  'open' | 'paying' | 'paid' | 'failed' | 'canceled' | 'deleted' | 'expired' | 'unknown';

export interface Texts {
  readonly title: string;
  readonly sandbox: string;
  readonly orderNo: string;
  readonly timeLeft: string;
  readonly payableUntil: string;
  readonly pay: string;
  readonly decline: string;
  readonly expire: string;
  readonly back: string;
  readonly otherLanguage: string;
  readonly states: Readonly<
    Record<Exclude<PageState, 'open'>, { readonly title: string; readonly detail: string }>
  >;
}

export const TEXTS: Readonly<Record<Language, Texts>> = {
  ja: {
    title: 'お支払い',
    sandbox: 'テスト環境です。実際の請求は発生しません。',
    orderNo: '注文番号',
    timeLeft: '残り時間',
    payableUntil: 'お支払い期限',
    pay: '支払う',
    decline: '支払いを失敗させる',
    expire: '期限切れにする',
    back: 'ショップに戻る',
    otherLanguage: 'English',
    states: {
      paying: {
        title: 'お支払い処理中です',
        detail: '有効期限の直後に完了します。このページを更新してご確認ください。',
      },
      paid: { title: 'お支払いが完了しました', detail: 'ご利用ありがとうございました。' },
      failed: {
        title: 'お支払いに失敗しました',
        detail: '請求は発生していません。ショップからもう一度お試しください。',
      },
      canceled: {
        title: 'お支払いは取り消されました',
        detail: 'ショップがこの支払いを取り消しました。',
      },
      deleted: {
        title: 'このコードは無効になりました',
        detail: 'ショップがこのコードを削除しました。お支払いはできません。',
      },
      expired: {
        title: '有効期限が切れました',
        detail: 'このコードではお支払いできません。ショップからもう一度お試しください。',
      },
      unknown: {
        title: 'コードが見つかりません',
        detail: 'リンクが正しいかご確認ください。',
      },
    },
  },
  en: {
    title: 'Payment',
    sandbox: 'This is a sandbox: no money moves.',
    orderNo: 'Order number',
    timeLeft: 'Time left',
    payableUntil: 'Payable until',
    pay: 'Pay',
    decline: 'Decline the payment',
    expire: 'Let the code expire',
    back: 'Back to the shop',
    otherLanguage: '日本語',
    states: {
      paying: {
        title: 'Your payment is being processed',
        detail: 'It completes right after the code has expired. Reload this page to see it.',
      },
      paid: { title: 'Paid', detail: 'Thank you for your payment.' },
      failed: {
        title: 'The payment failed',
        detail: 'Nothing was charged. Please try again from the shop.',
      },
      canceled: { title: 'The payment was cancelled', detail: 'The shop cancelled this payment.' },
      deleted: {
        title: 'This code is no longer valid',
        detail: 'The shop deleted the code, so it can not be paid.',
      },
      expired: {
        title: 'This code has expired',
        detail: 'It can not be paid any more. Please try again from the shop.',
      },
      unknown: { title: 'There is no such code', detail: 'Please check the link.' },
    },
  },
};

/**
 * The language to answer in: what was asked for, else what the browser prefers, else Japanese.
 *
 * @param asked the value of `?lang=`
 * @param accepted the header `Accept-Language`; only the order of its parts counts, browsers sort them by weight
 */
export function languageOf(asked: string | undefined, accepted: string | undefined): Language {
  if (asked === 'ja' || asked === 'en') return asked;
  const preferred = (accepted ?? '')
    .split(',')
    .map((part) => part.trim().slice(0, 2).toLowerCase())
    .find((tag) => tag === 'ja' || tag === 'en');
  return preferred ?? 'ja';
}
