/** A last look, and the order. */
import { yen } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import type { StorePages } from '../pages.ts';
import { OrderLines } from './order-lines.tsx';

const words: Words<{
  title: string;
  change: string;
  lines: string;
  payment: string;
  paymentText: string;
  total: string;
  included: string;
  order: string;
  notices: Readonly<Record<'price-changed' | 'again', string>>;
}> = {
  ja: {
    title: 'ご注文内容の確認',
    change: 'カートで変更する',
    lines: 'ご注文の商品',
    payment: 'お支払い方法',
    paymentText: 'PayPay。注文を確定すると、次の画面に QR コードが表示されます。',
    total: 'お支払い金額',
    included: '消費税・送料込み',
    order: '注文を確定する',
    notices: {
      'price-changed':
        '価格が変わりました。まだ注文は確定していません。新しい金額をご確認のうえ、もう一度確定してください。',
      again:
        '時間が経ったため、まだ注文は確定していません。内容をご確認のうえ、もう一度確定してください。',
    },
  },
  en: {
    title: 'Review your order',
    change: 'Change in the cart',
    lines: 'Your items',
    payment: 'Payment',
    paymentText: 'PayPay. You get a QR code on the next page.',
    total: 'To pay',
    included: 'Tax and shipping included',
    order: 'Place the order',
    notices: {
      'price-changed':
        'A price has changed. Nothing is ordered yet: please check the new total, then place the order again.',
      again:
        'This page was open for too long. Nothing is ordered yet: please check, and place it again.',
    },
  },
};

export function Checkout({ cart, idempotencyKey, notice }: StorePages['checkout']) {
  const say = useWords(words);
  const csrf = useShell().session?.csrfToken ?? '';
  return (
    <div class="page-width">
      <h1 class="page-title">{say.title}</h1>
      {notice !== null && (
        <p class="note note-warn" role="alert">
          <span aria-hidden="true">!</span>
          <span>{say.notices[notice]}</span>
        </p>
      )}
      <div class="cart-columns">
        <section aria-labelledby="lines">
          <div class="section-head">
            <h2 id="lines">{say.lines}</h2>
            <a class="small" href="/cart">
              {say.change}
            </a>
          </div>
          <OrderLines lines={cart.lines} />
          <h2 class="section-title">{say.payment}</h2>
          <p class="soft">{say.paymentText}</p>
        </section>
        <form class="summary card" method="post" action="/checkout">
          <input type="hidden" name="csrf" value={csrf} />
          <input type="hidden" name="key" value={idempotencyKey} />
          <input type="hidden" name="total" value={cart.total} />
          <dl class="sums">
            <div class="sum sum-total">
              <dt>{say.total}</dt>
              <dd class="money">{yen(cart.total)}</dd>
            </div>
          </dl>
          <p class="small soft">{say.included}</p>
          <button class="button button-primary">{say.order}</button>
        </form>
      </div>
    </div>
  );
}
