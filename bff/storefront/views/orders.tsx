/** The shopper's orders, and one of them with its history. */
import type { OrderSummary } from '../../contract.ts';
import { yen, zoneName } from '../../web/format.ts';
import { Island } from '../../web/island.tsx';
import Copyable from '../../web/islands/copyable.tsx';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import { Ago, Exact } from '../../web/time.tsx';
import { orderAddress, paymentAddress } from '../addresses.ts';
import type { StorePages } from '../pages.ts';
import type { Stage } from '../progress.ts';
import { isOver, progressOf, stageOf } from '../progress.ts';
import type { Event } from '../story.ts';
import { storyOf } from '../story.ts';
import { OrderLines } from './order-lines.tsx';
import { Pager } from './pager.tsx';

const words: Words<{
  title: string;
  order: string;
  number: string;
  empty: string;
  toCatalogue: string;
  stages: Readonly<Record<Stage, string>>;
  pay: string;
  see: string;
  history: string;
  lines: string;
  total: string;
  again: string;
  events: Readonly<Record<Event, string>>;
  zone: (zone: string) => string;
  back: string;
}> = {
  ja: {
    title: '注文履歴',
    order: 'ご注文',
    number: '注文番号',
    empty: 'まだご注文はありません。最初のひとつを探してみませんか。',
    toCatalogue: '商品を見る',
    stages: {
      preparing: '準備中',
      waiting: 'お支払い待ち',
      confirming: 'お支払い確認中',
      closing: '期限切れの確認中',
      paid: 'お支払い済み',
      declined: '決済できず取り消し',
      expired: '期限切れで取り消し',
      'sold-out': '在庫切れで取り消し',
      failed: '取り消し',
    },
    pay: '支払う',
    see: '詳細',
    history: 'これまでの流れ',
    lines: 'ご注文の商品',
    total: '合計',
    again: '商品をカートに戻す',
    events: {
      ordered: 'ご注文を受け付けました。',
      'ready-to-pay': 'お支払いの準備ができました。',
      'payment-seen': 'PayPay からお支払いの連絡が届きました。',
      'payment-refused': 'PayPay での決済が通りませんでした。',
      paid: 'お支払いを確認し、注文が確定しました。',
      declined: '決済が通らなかったため、注文を取り消しました。',
      expired: '期限までにお支払いがなかったため、注文を取り消しました。',
      'sold-out': '在庫がなくなったため、注文を取り消しました。',
      failed: '注文を取り消しました。お支払い済みの場合は返金します。',
    },
    zone: (zone) => `時刻は${zone}です。`,
    back: '注文履歴に戻る',
  },
  en: {
    title: 'Your orders',
    order: 'Order',
    number: 'Order number',
    empty: 'You have not ordered anything yet. Shall we find a first thing?',
    toCatalogue: 'See all products',
    stages: {
      preparing: 'Getting ready',
      waiting: 'Waiting for payment',
      confirming: 'Confirming payment',
      closing: 'Time to pay is over',
      paid: 'Paid',
      declined: 'Cancelled: payment declined',
      expired: 'Cancelled: not paid in time',
      'sold-out': 'Cancelled: sold out',
      failed: 'Cancelled',
    },
    pay: 'Pay',
    see: 'Details',
    history: 'What happened',
    lines: 'Your items',
    total: 'Total',
    again: 'Put the items back in the cart',
    events: {
      ordered: 'We received your order.',
      'ready-to-pay': 'Your payment was ready to be made.',
      'payment-seen': 'PayPay told us that you have paid.',
      'payment-refused': 'PayPay declined the payment.',
      paid: 'Payment confirmed; your order is complete.',
      declined: 'The payment did not go through, so the order was cancelled.',
      expired: 'There was no payment in time, so the order was cancelled.',
      'sold-out': 'An item had just sold out, so the order was cancelled.',
      failed: 'The order was cancelled. If you have paid, you get your money back.',
    },
    zone: (zone) => `Times are ${zone}.`,
    back: 'All orders',
  },
};

export function Orders({ orders }: StorePages['orders']) {
  const say = useWords(words);
  const pages = Math.ceil(orders.total / Math.max(1, orders.pageSize));
  return (
    <div class="page-width">
      <h1 class="page-title">{say.title}</h1>
      {orders.orders.length === 0 ? (
        <div class="empty">
          <p>{say.empty}</p>
          <a class="button button-primary" href="/">
            {say.toCatalogue}
          </a>
        </div>
      ) : (
        <ul class="orders">
          {orders.orders.map((order) => (
            <OrderRow key={order.orderNo} order={order} />
          ))}
        </ul>
      )}
      <Pager
        page={orders.page}
        pages={pages}
        addressOf={(page) => (page > 1 ? `/orders?page=${String(page)}` : '/orders')}
      />
    </div>
  );
}

function OrderRow({ order }: { order: OrderSummary }) {
  const say = useWords(words);
  const { now } = useShell();
  const stage = summaryStage(order, now);
  const isPayable = stage === 'waiting' || stage === 'preparing';
  return (
    <li class="order-row card">
      <div class="order-what">
        <a class="mono order-no" href={orderAddress(order.orderNo)}>
          {order.orderNo}
        </a>
        <span class="small soft">
          <Ago at={order.createdAt} now={now} />
        </span>
      </div>
      <StageLabel stage={stage} />
      <strong class="money">{yen(order.totalAmount)}</strong>
      {isPayable ? (
        <a class="button button-primary button-small" href={paymentAddress(order.orderNo)}>
          {say.pay}
          <span class="visually-hidden"> {order.orderNo}</span>
        </a>
      ) : (
        <a class="button button-small" href={orderAddress(order.orderNo)}>
          {say.see}
          <span class="visually-hidden"> {order.orderNo}</span>
        </a>
      )}
    </li>
  );
}

export function OrderView({ order }: StorePages['order']) {
  const say = useWords(words);
  const lang = useLang();
  const { session, now } = useShell();
  const stage = stageOf(progressOf(order), order.serverTime);
  return (
    <div class="page-width">
      <p class="crumbs small">
        <a href="/orders">← {say.back}</a>
      </p>
      <div class="order-head">
        <h1>{say.order}</h1>
        <StageLabel stage={stage} />
      </div>
      <div class="order-number small soft">
        {say.number} <Island name="copyable" of={Copyable} props={{ text: order.orderNo }} />
        <span>
          <Ago at={order.createdAt} now={now} />
        </span>
      </div>
      <div class="cart-columns">
        <section aria-labelledby="history">
          <h2 id="history">{say.history}</h2>
          <ol class="story">
            {storyOf(order).map(({ at, event }) => (
              <li key={event} class={`story-event story-${event}`}>
                <p>{say.events[event]}</p>
                <p class="small soft">
                  <Exact at={at} />
                </p>
              </li>
            ))}
          </ol>
          <p class="small soft">{say.zone(zoneName[lang])}</p>
          <Next stage={stage} orderNo={order.orderNo} csrf={session?.csrfToken ?? ''} />
        </section>
        <section class="summary card" aria-labelledby="lines">
          <h2 id="lines">{say.lines}</h2>
          <OrderLines lines={order.lines} />
          <dl class="sums">
            <div class="sum sum-total">
              <dt>{say.total}</dt>
              <dd class="money">{yen(order.totalAmount)}</dd>
            </div>
          </dl>
        </section>
      </div>
    </div>
  );
}

function Next({ stage, orderNo, csrf }: { stage: Stage; orderNo: string; csrf: string }) {
  const say = useWords(words);
  if (stage === 'paid') return null;
  if (!isOver(stage)) {
    return (
      <a class="button button-primary" href={paymentAddress(orderNo)}>
        {stage === 'waiting' || stage === 'preparing' ? say.pay : say.see}
      </a>
    );
  }
  return (
    <form method="post" action={`${orderAddress(orderNo)}/again`}>
      <input type="hidden" name="csrf" value={csrf} />
      <button class="button button-primary">{say.again}</button>
    </form>
  );
}

const SHAPES = { open: '○', good: '✓', bad: '×' } as const;
const KINDS: Readonly<Record<Stage, keyof typeof SHAPES>> = {
  preparing: 'open',
  waiting: 'open',
  confirming: 'open',
  closing: 'open',
  paid: 'good',
  declined: 'bad',
  expired: 'bad',
  'sold-out': 'bad',
  failed: 'bad',
};

function StageLabel({ stage }: { stage: Stage }) {
  const kind = KINDS[stage];
  return (
    <span class={`stage stage-${kind}`}>
      <span aria-hidden="true">{SHAPES[kind]}</span> {useWords(words).stages[stage]}
    </span>
  );
}

/** A list knows less of an order than its own page: no reason, and nothing of what was seen. */
function summaryStage(order: OrderSummary, now: number): Stage {
  const payment = order.paymentExpiresAt === null ? null : { url: '', qrSvg: '' };
  const expiresAt = order.paymentExpiresAt;
  return stageOf({ ...order, reason: null, seen: null, payment, expiresAt }, now);
}
