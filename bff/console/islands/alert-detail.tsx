/** One alert: why, and what now. Goes on by itself while it is looked at. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AlertDetail as Detail } from '../../contract-ops.ts';
import { callApi } from '../../web/api-client.ts';
import { exactTime, yen } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import Copyable from '../../web/islands/copyable.tsx';
import { ago } from '../ages.ts';
import { useNow } from '../live/use-now.ts';
import { useOps } from '../live/use-ops.ts';
import { Audit } from '../parts/audit.tsx';
import { Badge, OrderStatus, Rule, StateBadge } from '../parts/badges.tsx';
import { ConnectionBadge } from '../parts/connection.tsx';
import { Decide } from '../parts/decide.tsx';
import { Progress } from '../parts/progress.tsx';
import { withPush, withReload } from '../progress.ts';
import { runbooks } from '../runbook.ts';
import { sentenceOf } from '../sentence.ts';
import { entriesOf } from '../timeline/entries.ts';
import { graceOf } from '../timeline/evaluations.ts';
import { Timeline } from '../timeline/timeline.tsx';

interface DetailWords {
  what: string;
  timeline: string;
  runbook: string;
  order: string;
  observed: string;
  expected: string;
  orderIs: string;
  payment: string;
  amount: string;
  shopper: string;
  detected: string;
  resolved: string;
  alertId: string;
  eventId: string;
  merchantId: string;
  noOrder: string;
  watched: string;
  checkedTo: string;
  nextCheck: string;
  pending: string;
  none: string;
  raise: string;
  resolve: string;
  reload: string;
  agreed: (time: string) => string;
}
const words: Words<DetailWords> = {
  ja: {
    what: '対応',
    timeline: 'タイムライン',
    runbook: '手順',
    order: '注文',
    observed: '観測',
    expected: '期待',
    orderIs: '現在の注文',
    payment: '現在の決済',
    amount: '金額',
    shopper: 'お客様',
    detected: '検知',
    resolved: '解決',
    alertId: 'アラート ID',
    eventId: 'イベント ID',
    merchantId: '加盟店決済 ID',
    noOrder: 'この注文の記録がありません',
    watched: 'kafka-alert の見立て',
    checkedTo: '判定済み',
    nextCheck: '次の判定',
    pending: 'このまま何も起きなければ',
    none: '何も起きません',
    raise: 'アラート',
    resolve: '解決',
    reload: '最新の内容を読み込めませんでした。',
    agreed: (time) => `解決しました。${time} から注文と決済は一致しています。`,
  },
  en: {
    what: 'What to do',
    timeline: 'Timeline',
    runbook: 'Runbook',
    order: 'Order',
    observed: 'Observed',
    expected: 'Expected',
    orderIs: 'Order now',
    payment: 'Payment now',
    amount: 'Amount',
    shopper: 'Shopper',
    detected: 'Detected',
    resolved: 'Resolved',
    alertId: 'Alert id',
    eventId: 'Event id',
    merchantId: 'Merchant payment id',
    noOrder: 'Nothing is known of this order',
    watched: 'What kafka-alert knows',
    checkedTo: 'Checked up to',
    nextCheck: 'Next check',
    pending: 'If nothing more comes',
    none: 'nothing will happen',
    raise: 'alert',
    resolve: 'resolved',
    reload: 'The latest could not be loaded.',
    agreed: (time) => `Resolved: money and order agree since ${time}.`,
  },
};

const RELOAD_MS = 1000;

export interface AlertDetailProps {
  readonly detail: Detail;
  readonly csrf: string;
  readonly now: number;
}

export default function AlertDetail({ detail: given, csrf, now: serverNow }: AlertDetailProps) {
  const say = useWords(words);
  const lang = useLang();
  const now = useNow(serverNow);
  const [detail, setDetail] = useState(given);
  const [isStale, setStale] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { alert, order } = detail;

  const reload = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const params = { alertId: alert.alertId };
    callApi(fetch, 'GET /api/ops/alerts/{alertId}', { params }).then(
      (fresh) => {
        setStale(false);
        setDetail((old) => withReload(old, fresh));
      },
      () => setStale(true),
    );
  };
  /** A push says that something happened; the whole says what is possible now. */
  const reloadSoon = () => (timer.current ??= setTimeout(reload, RELOAD_MS));
  useEffect(() => () => clearTimeout(timer.current), []);
  const connection = useOps(
    {
      onMessage: (message) => {
        if (message.type === 'hello' || message.orderNo !== alert.orderNo) return;
        setDetail((old) => withPush(old, message) ?? old);
        reloadSoon();
      },
      onBack: reload,
    },
    alert.orderNo,
  );

  const entries = entriesOf(detail);
  const runbook = runbooks[lang][alert.ruleId];
  return (
    <article class="alert-detail">
      <header class="detail-head">
        <div class="bar">
          <StateBadge state={alert.state} />
          <Rule ruleId={alert.ruleId} />
          <ConnectionBadge connection={connection} />
        </div>
        <h1 class="sentence">{sentenceOf(alert, graceOf(entries, [alert]), lang)}</h1>
        {alert.resolvedAt !== null && (
          <p class="note note-good">{say.agreed(exactTime(alert.resolvedAt, lang, true))}</p>
        )}
        {isStale && (
          <p class="note note-warn" role="alert">
            {say.reload}
          </p>
        )}
      </header>
      <div class="detail-columns">
        <div class="detail-main">
          <section class="panel" aria-labelledby="timeline">
            <h2 id="timeline">{say.timeline}</h2>
            <Timeline {...detail} now={now - (now % 60_000)} />
          </section>
          <Audit audit={detail.audit} />
        </div>
        <aside class="detail-side">
          <section class="panel" aria-labelledby="what">
            <h2 id="what">{say.what}</h2>
            <Decide detail={detail} csrf={csrf} onSent={reloadSoon} />
            <Progress detail={detail} />
            <h3>{say.runbook}</h3>
            <p>{runbook.meaning}</p>
            <ol>
              {runbook.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
            <p class="soft">{runbook.ends}</p>
          </section>
          <section class="panel" aria-labelledby="facts">
            <h2 id="facts">{say.order}</h2>
            {order === null && <Badge tone="warn">{say.noOrder}</Badge>}
            <dl class="facts">
              <Fact name={say.order}>
                <a class="mono" href={`/ops/orders/${encodeURIComponent(alert.orderNo)}`}>
                  {alert.orderNo}
                </a>
              </Fact>
              <Fact name={say.observed}>
                <span class="mono">
                  {alert.observed.orderStatus} / {alert.observed.paymentStatus ?? '–'}
                </span>
              </Fact>
              <Fact name={say.expected}>
                <span class="mono">{alert.expected.orderStatus}</span>
              </Fact>
              {order && (
                <>
                  <Fact name={say.orderIs}>
                    <OrderStatus status={order.status} />
                  </Fact>
                  <Fact name={say.payment}>
                    <span class="mono">{order.paymentStatus ?? '–'}</span>
                  </Fact>
                  <Fact name={say.amount}>
                    <span class="money">{yen(order.totalAmount)}</span>
                  </Fact>
                  <Fact name={say.shopper}>{order.shopper?.displayName ?? '–'}</Fact>
                </>
              )}
              <Fact name={say.detected}>
                <span class="time">{exactTime(alert.detectedAt, lang, true)}</span>{' '}
                <span class="soft">{ago(now - alert.detectedAt, lang)}</span>
              </Fact>
              {alert.resolvedAt !== null && (
                <Fact name={say.resolved}>
                  <span class="time">{exactTime(alert.resolvedAt, lang, true)}</span>
                </Fact>
              )}
              <Fact name={say.alertId}>
                <Copyable text={alert.alertId} />
              </Fact>
              <Fact name={say.eventId}>
                <Copyable text={alert.eventId} />
              </Fact>
              {order?.merchantPaymentId && (
                <Fact name={say.merchantId}>
                  <Copyable text={order.merchantPaymentId} />
                </Fact>
              )}
            </dl>
          </section>
          <Watched detail={detail} say={say} />
        </aside>
      </div>
    </article>
  );
}

/** What kafka-alert itself says, now. */
function Watched({ detail, say }: { detail: Detail; say: DetailWords }) {
  const lang = useLang();
  const { watched, watchedProblem } = detail;
  const time = (text: string | null) =>
    text === null ? '–' : exactTime(Date.parse(text), lang, true);
  return (
    <section class="panel" aria-labelledby="watched">
      <h2 id="watched">{say.watched}</h2>
      {watched ? (
        <dl class="facts">
          <Fact name={say.checkedTo}>
            <span class="time">{time(watched.checkedTo)}</span>
          </Fact>
          <Fact name={say.nextCheck}>
            <span class="time">{time(watched.nextCheckAt)}</span>
          </Fact>
          <Fact name={say.pending}>
            {watched.pending.length === 0 ? (
              say.none
            ) : (
              <ul>
                {watched.pending.map(({ at, what, ruleId, eventId }) => (
                  <li key={`${what} ${ruleId} ${eventId}`}>
                    <span class="time">{time(at)}</span> {say[what]} <code>{ruleId}</code>
                  </li>
                ))}
              </ul>
            )}
          </Fact>
        </dl>
      ) : (
        <p class="soft">{watchedProblem}</p>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
