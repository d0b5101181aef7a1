/** The payment: everything of it moves, so that it is one island. */
import { Island } from '../../web/island.tsx';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import { orderAddress, paymentAddress } from '../addresses.ts';
import Copyable from '../../web/islands/copyable.tsx';
import PaymentProgress from '../islands/payment-progress.tsx';
import type { StorePages } from '../pages.ts';
import { progressOf } from '../progress.ts';

const words: Words<{
  title: string;
  number: string;
  details: string;
  noScript: string;
  again: string;
}> = {
  ja: {
    title: 'お支払い',
    number: '注文番号',
    details: '注文の内容',
    noScript: 'この画面は自動では更新されません。お支払いのあとで',
    again: '状況を確認する',
  },
  en: {
    title: 'Payment',
    number: 'Order number',
    details: 'What you ordered',
    noScript: 'This page does not update by itself. After paying,',
    again: 'check again',
  },
};

export function PaymentView({ order }: StorePages['payment']) {
  const say = useWords(words);
  const { session } = useShell();
  const { orderNo } = order;
  return (
    <div class="page-width payment-page">
      <h1 class="page-title">{say.title}</h1>
      <noscript>
        <p class="note">
          <span>
            {say.noScript} <a href={paymentAddress(orderNo)}>{say.again}</a>
          </span>
        </p>
      </noscript>
      <Island
        name="payment-progress"
        of={PaymentProgress}
        props={{
          orderNo,
          total: order.totalAmount,
          progress: progressOf(order),
          serverTime: order.serverTime,
          token: order.channelToken,
          tokenExpiresAt: order.channelTokenExpiresAt,
          csrf: session?.csrfToken ?? '',
        }}
      />
      <div class="payment-foot small">
        <span class="soft">{say.number}</span>
        <Island name="copyable" of={Copyable} props={{ text: orderNo }} />
        <a href={orderAddress(orderNo)}>{say.details}</a>
      </div>
    </div>
  );
}
