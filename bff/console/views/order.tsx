import { yen } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { Island } from '../../web/island.tsx';
import Copyable from '../../web/islands/copyable.tsx';
import { useShell } from '../../web/page-context.tsx';
import { Exact } from '../../web/time.tsx';
import OrderTimeline from '../islands/order-timeline.tsx';
import { AlertRow } from '../list/alert-row.tsx';
import type { ConsolePages } from '../pages.ts';
import { Audit } from '../parts/audit.tsx';
import { Badge, OrderStatus } from '../parts/badges.tsx';

interface OrderWords {
  unknown: string;
  timeline: string;
  alerts: string;
  noAlerts: string;
  facts: string;
  lines: string;
  status: string;
  payment: string;
  since: string;
  created: string;
  reason: string;
  shopper: string;
  merchantId: string;
  paid: string;
  expires: string;
  columns: readonly [string, string, string, string, string, string, string];
  product: string;
  quantity: string;
  sum: string;
  total: string;
}
const words: Words<OrderWords> = {
  ja: {
    unknown: 'この注文そのものの記録はありません。アラートか決済の記録だけがあります。',
    timeline: 'タイムライン',
    alerts: 'アラート',
    noAlerts: 'この注文のアラートはありません。',
    facts: '注文の内容',
    lines: '明細',
    status: '状態',
    payment: '決済',
    since: '更新',
    created: '注文日時',
    reason: '理由',
    shopper: 'お客様',
    merchantId: '加盟店決済 ID',
    paid: '支払い',
    expires: '支払期限',
    columns: ['状態', 'ルール', '注文', '観測 → 期待', '金額', '経過', '担当'],
    product: '商品',
    quantity: '数量',
    sum: '金額',
    total: '合計',
  },
  en: {
    unknown: 'Nothing is known of the order itself, only alerts or payments.',
    timeline: 'Timeline',
    alerts: 'Alerts',
    noAlerts: 'No alerts for this order.',
    facts: 'Facts',
    lines: 'Lines',
    status: 'Status',
    payment: 'Payment',
    since: 'Since',
    created: 'Ordered',
    reason: 'Reason',
    shopper: 'Shopper',
    merchantId: 'Merchant payment id',
    paid: 'Paid',
    expires: 'Payment expires',
    columns: ['State', 'Rule', 'Order', 'Observed → expected', 'Amount', 'Age', 'Who has it'],
    product: 'Product',
    quantity: 'Quantity',
    sum: 'Amount',
    total: 'Total',
  },
};

export function OrderPage({ orderNo, detail }: ConsolePages['order']) {
  const say = useWords(words);
  const lang = useLang();
  const { now } = useShell();
  const { order, timeline, alerts, watched, audit } = detail;
  return (
    <>
      <h1>
        <Island name="copyable" of={Copyable} props={{ text: orderNo }} />
      </h1>
      {order === null && <Badge tone="warn">{say.unknown}</Badge>}
      <div class="detail-columns">
        <div class="detail-main">
          <section class="panel" aria-labelledby="timeline">
            <h2 id="timeline">{say.timeline}</h2>
            <Island
              name="order-timeline"
              of={OrderTimeline}
              props={{ order, timeline, alerts, watched, now }}
            />
          </section>
          <section class="panel" aria-labelledby="alerts">
            <h2 id="alerts">{say.alerts}</h2>
            {alerts.length === 0 ? (
              <p class="soft">{say.noAlerts}</p>
            ) : (
              <div class="scroll" tabIndex={0} role="group" aria-labelledby="alerts">
                <table class="table alerts">
                  <thead>
                    <tr>
                      {say.columns.map((column) => (
                        <th key={column} scope="col">
                          {column}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {alerts.map((alert) => (
                      <AlertRow
                        key={alert.alertId}
                        alert={alert}
                        now={now}
                        lang={lang}
                        isChosen={false}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </section>
          <Audit audit={audit} />
        </div>
        {order && (
          <aside class="detail-side">
            <section class="panel" aria-labelledby="facts">
              <h2 id="facts">{say.facts}</h2>
              <dl class="facts">
                <div>
                  <dt>{say.status}</dt>
                  <dd>
                    <OrderStatus status={order.status} />
                  </dd>
                </div>
                <div>
                  <dt>{say.since}</dt>
                  <dd>
                    <Exact at={order.statusAt} seconds />
                  </dd>
                </div>
                {order.reason !== null && (
                  <div>
                    <dt>{say.reason}</dt>
                    <dd>{order.reason}</dd>
                  </div>
                )}
                <div>
                  <dt>{say.payment}</dt>
                  <dd class="mono">{order.paymentStatus ?? '–'}</dd>
                </div>
                <div>
                  <dt>{say.created}</dt>
                  <dd>
                    <Exact at={order.createdAt} seconds />
                  </dd>
                </div>
                {order.paymentExpiresAt !== null && (
                  <div>
                    <dt>{say.expires}</dt>
                    <dd>
                      <Exact at={order.paymentExpiresAt} seconds />
                    </dd>
                  </div>
                )}
                {order.payment !== null && order.payment.paidAt !== null && (
                  <div>
                    <dt>{say.paid}</dt>
                    <dd>
                      <Exact at={order.payment.paidAt} seconds />
                    </dd>
                  </div>
                )}
                <div>
                  <dt>{say.shopper}</dt>
                  <dd>{order.shopper?.displayName ?? '–'}</dd>
                </div>
                {order.merchantPaymentId !== null && (
                  <div>
                    <dt>{say.merchantId}</dt>
                    <dd class="mono">{order.merchantPaymentId}</dd>
                  </div>
                )}
              </dl>
            </section>
            <section class="panel" aria-labelledby="lines">
              <h2 id="lines">{say.lines}</h2>
              <table class="table">
                <thead>
                  <tr>
                    <th scope="col">{say.product}</th>
                    <th scope="col" class="number">
                      {say.quantity}
                    </th>
                    <th scope="col" class="number">
                      {say.sum}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {order.lines.map((line) => (
                    <tr key={line.sku}>
                      <td>
                        {lang === 'ja' ? line.nameJa : line.nameEn}{' '}
                        <span class="mono soft">{line.sku}</span>
                      </td>
                      <td class="number count">{line.quantity}</td>
                      <td class="number money">{yen(line.lineTotal)}</td>
                    </tr>
                  ))}
                </tbody>
                <tfoot>
                  <tr>
                    <th scope="row" colSpan={2}>
                      {say.total}
                    </th>
                    <td class="number money">{yen(order.totalAmount)}</td>
                  </tr>
                </tfoot>
              </table>
            </section>
          </aside>
        )}
      </div>
    </>
  );
}
