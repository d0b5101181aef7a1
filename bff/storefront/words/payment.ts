/** What the payment page says: where the order stands and what to do next, in the shopper's words. */
import type { Words } from '../../web/i18n.ts';
import type { Stage, StepState } from '../progress.ts';

interface PaymentWords {
  readonly stages: Readonly<Record<Stage, { readonly title: string; readonly text: string }>>;
  readonly steps: readonly [string, string, string];
  readonly stepStates: Readonly<Record<StepState, string>>;
  readonly stepsLabel: string;
  readonly amount: string;
  readonly qrAlt: string;
  readonly scan: string;
  readonly open: string;
  readonly timeLeft: string;
  readonly reconnecting: string;
  readonly signedOut: string;
  readonly signIn: string;
  readonly toOrder: string;
  readonly toCart: string;
  readonly goOn: string;
}

export const paymentWords: Words<PaymentWords> = {
  ja: {
    stages: {
      preparing: {
        title: 'お支払いの準備をしています',
        text: '在庫を確保しています。数秒で QR コードが表示されます。',
      },
      waiting: {
        title: 'PayPay でお支払いください',
        text: 'お支払いが済むと、この画面は自動で切り替わります。',
      },
      confirming: {
        title: 'お支払いを確認しています',
        text: 'PayPay から連絡が届きました。まもなく完了します。この画面は閉じてもかまいません。',
      },
      closing: {
        title: 'お支払い期限になりました',
        text: '行き違いのお支払いがないか確認しています。お支払いがお済みの場合は、このままお待ちください。',
      },
      paid: {
        title: 'お支払いが完了しました',
        text: 'ありがとうございます。商品の準備を始めます。',
      },
      declined: {
        title: 'お支払いができませんでした',
        text: 'PayPay での決済が通りませんでした。代金はいただいていません。PayPay アプリで残高やお支払い方法を確認して、もう一度ご注文ください。',
      },
      expired: {
        title: 'お支払い期限が過ぎました',
        text: '期限までにお支払いが確認できなかったため、この注文は取り消しました。代金はいただいていません。商品をカートに戻して、もう一度ご注文いただけます。',
      },
      'sold-out': {
        title: '在庫がなくなりました',
        text: 'ご注文の直前に売り切れた商品がありました。代金はいただいていません。カートの内容を見直して、もう一度ご注文ください。',
      },
      failed: {
        title: 'ご注文を完了できませんでした',
        text: 'この注文は取り消しました。お支払い済みの場合は返金します。お手数ですが、もう一度ご注文ください。',
      },
    },
    steps: ['ご注文', 'お支払い', '完了'],
    stepStates: {
      done: '（済み）',
      current: '（いまここ）',
      ahead: '（これから）',
      stopped: '（中止）',
    },
    stepsLabel: 'ご注文の進み具合',
    amount: 'お支払い金額',
    qrAlt: 'PayPay で読み取る QR コード',
    scan: 'スマートフォンの PayPay アプリで QR コードを読み取るか、下のボタンを押してください。',
    open: 'PayPay を開く',
    timeLeft: 'お支払い期限まで',
    reconnecting: '接続が切れたため、つなぎ直しています。お支払いはそのまま続けられます。',
    signedOut: 'ログアウトしたため、この画面は更新されません。',
    signIn: 'ログインし直す',
    toOrder: '注文の詳細を見る',
    toCart: '商品をカートに戻す',
    goOn: '買い物を続ける',
  },
  en: {
    stages: {
      preparing: {
        title: 'Getting your payment ready',
        text: 'We are setting your items aside. The QR code appears here in a few seconds.',
      },
      waiting: {
        title: 'Pay with PayPay',
        text: 'This page moves on by itself as soon as you have paid.',
      },
      confirming: {
        title: 'Confirming your payment',
        text: 'PayPay told us about your payment. This takes a moment; you can close this page.',
      },
      closing: {
        title: 'The time to pay is over',
        text: 'We are making sure that no payment is on its way. If you have just paid, please stay here for a moment.',
      },
      paid: { title: 'Paid. Thank you!', text: 'We are getting your order ready.' },
      declined: {
        title: 'The payment did not go through',
        text: 'PayPay declined it, and you were not charged. Check your balance or payment method in the PayPay app, then order again.',
      },
      expired: {
        title: 'The time to pay ran out',
        text: 'We saw no payment in time, so this order was cancelled. You were not charged. Put the items back in the cart to order again.',
      },
      'sold-out': {
        title: 'An item has just sold out',
        text: 'Somebody was faster, so this order was cancelled. You were not charged. Have another look at your cart and order again.',
      },
      failed: {
        title: 'We could not complete your order',
        text: 'It was cancelled. If you have paid, you get your money back. Please order again.',
      },
    },
    steps: ['Ordered', 'Payment', 'Paid'],
    stepStates: {
      done: '(done)',
      current: '(now)',
      ahead: '(still to come)',
      stopped: '(stopped)',
    },
    stepsLabel: 'How far your order is',
    amount: 'Amount to pay',
    qrAlt: 'QR code to scan with PayPay',
    scan: 'Scan the code with the PayPay app on your phone, or use the button below.',
    open: 'Open PayPay',
    timeLeft: 'Time left to pay',
    reconnecting: 'Connection lost. We are reconnecting; you can go on paying meanwhile.',
    signedOut: 'You are signed out, so this page no longer updates.',
    signIn: 'Sign in again',
    toOrder: 'See your order',
    toCart: 'Put the items back in the cart',
    goOn: 'Continue shopping',
  },
};
