import { count, yen } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import { Ago, Exact } from '../../web/time.tsx';
import type { ConsolePages } from '../pages.ts';
import { Badge, OrderStatus } from '../parts/badges.tsx';

interface OrdersWords {
  title: string;
  search: string;
  status: string;
  any: string;
  find: string;
  failed: string;
  again: string;
  none: string;
  columns: readonly [string, string, string, string, string, string];
  found: (total: number) => string;
  open: (many: number) => string;
  earlier: string;
  later: string;
}
const words: Words<OrdersWords> = {
  ja: {
    title: '注文',
    search: '注文番号（先頭から）',
    status: '状態',
    any: 'すべて',
    find: '検索',
    failed: '注文を読み込めませんでした。数秒後にもう一度読み込んでください。',
    again: 'もう一度読み込む',
    none: 'この条件に合う注文はありません。番号は先頭から入力してください。',
    columns: ['注文', '状態', '決済', '金額', '注文日時', 'アラート'],
    found: (total) => `${count(total)}件`,
    open: (many) => `未解決 ${count(many)}`,
    earlier: '前へ',
    later: '次へ',
  },
  en: {
    title: 'Orders',
    search: 'Order number, or how it begins',
    status: 'Status',
    any: 'Any',
    find: 'Search',
    failed: 'The orders could not be loaded. Try again in a few seconds.',
    again: 'Try again',
    none: 'No order is like that. A number is found by how it begins.',
    columns: ['Order', 'Status', 'Payment', 'Amount', 'Ordered', 'Alerts'],
    found: (total) => `${count(total)} ${total === 1 ? 'order' : 'orders'}`,
    open: (many) => `${count(many)} open`,
    earlier: 'Back',
    later: 'Next',
  },
};
const STATUSES = ['PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'];

export function OrdersPage({ q, status, page }: ConsolePages['orders']) {
  const say = useWords(words);
  const { path, now } = useShell();
  const pages = page ? Math.max(1, Math.ceil(page.total / page.pageSize)) : 1;
  const link = (number: number) =>
    `/ops/orders?${new URLSearchParams({ q, status, page: String(number) }).toString()}`;
  return (
    <>
      <h1>{say.title}</h1>
      <form method="get" action="/ops/orders" class="filter-form">
        <label class="field field-wide">
          <span>{say.search}</span>
          <input class="input mono" type="search" name="q" defaultValue={q} maxLength={64} />
        </label>
        <label class="field">
          <span>{say.status}</span>
          <select class="input" name="status">
            <option value="">{say.any}</option>
            {STATUSES.map((each) => (
              <option key={each} value={each} selected={each === status}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button button-small">
          {say.find}
        </button>
      </form>
      {!page && (
        <p class="note note-bad" role="alert">
          <span>
            {say.failed} <a href={path}>{say.again}</a>
          </span>
        </p>
      )}
      {page?.orders.length === 0 && <p class="blank soft">{say.none}</p>}
      {page && page.orders.length > 0 && (
        <>
          <p class="count">{say.found(page.total)}</p>
          <div class="scroll card" tabIndex={0} role="group" aria-label={say.title}>
            <table class="table orders">
              <thead>
                <tr>
                  {say.columns.map((column, i) => (
                    <th key={column} scope="col" class={i === 3 ? 'number' : undefined}>
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {page.orders.map((order) => (
                  <tr key={order.orderNo}>
                    <td>
                      <a class="mono" href={`/ops/orders/${encodeURIComponent(order.orderNo)}`}>
                        {order.orderNo}
                      </a>
                    </td>
                    <td>
                      <OrderStatus status={order.status} />
                    </td>
                    <td class="mono">{order.paymentStatus ?? '–'}</td>
                    <td class="number money">{yen(order.totalAmount)}</td>
                    <td class="nowrap">
                      <Exact at={order.createdAt} />{' '}
                      <span class="soft small">
                        <Ago at={order.createdAt} now={now} />
                      </span>
                    </td>
                    <td>
                      {order.openAlerts > 0 && (
                        <Badge tone="bad">{say.open(order.openAlerts)}</Badge>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {pages > 1 && (
            <nav class="pager">
              {page.page > 1 && (
                <a class="button button-small" href={link(page.page - 1)}>
                  {say.earlier}
                </a>
              )}
              <span class="soft count">
                {count(page.page)} / {count(pages)}
              </span>
              {page.page < pages && (
                <a class="button button-small" href={link(page.page + 1)}>
                  {say.later}
                </a>
              )}
            </nav>
          )}
        </>
      )}
    </>
  );
}
