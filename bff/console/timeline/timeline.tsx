/** The timeline as a picture and as a table. What is pointed at, or has the focus, is told below the picture. */
import { useState } from 'preact/hooks';
import type { OpsOrderDetail } from '../../contract-ops.ts';
import { zoneName } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { clockTime, duration, shortDuration, ZONE_MS } from '../ages.ts';
import { entriesOf } from './entries.ts';
import type { Entry } from './entries.ts';
import { evaluationsOf, graceOf, gracesOf } from './evaluations.ts';
import type { Evaluation, Outcome } from './evaluations.ts';
import type { Placed, TimelineLayout } from './layout.ts';
import { FONT, layOut } from './layout.ts';
import { useWidth } from './use-width.ts';

interface TimelineWords {
  order: string;
  checks: string;
  payment: string;
  grace: string;
  expiry: string;
  now: string;
  empty: string;
  picture: string;
  table: string;
  time: string;
  since: string;
  what: string;
  topic: string;
  detail: string;
  event: string;
  hint: string;
  by: Readonly<Record<'WEBHOOK' | 'POLLING' | 'UNKNOWN', string>>;
  outcome: Readonly<Record<Outcome, string>>;
  means: Readonly<Record<'success' | 'failure' | 'neutral', string>>;
}
const words: Words<TimelineWords> = {
  ja: {
    order: '注文',
    checks: '判定',
    payment: '決済',
    grace: '猶予',
    expiry: '支払期限',
    now: '現在',
    empty: 'この注文の記録はまだありません。',
    picture: '注文と決済のタイムライン。同じ内容の表が下にあります。',
    table: 'すべての記録（表）',
    time: '時刻',
    since: '経過',
    what: '内容',
    topic: 'トピック',
    detail: '詳細',
    event: 'イベント ID',
    hint: '印を指すか Tab キーで選ぶと、詳細を表示します。',
    by: { WEBHOOK: 'Webhook', POLLING: '照会', UNKNOWN: '経路不明' },
    outcome: {
      raised: 'アラート',
      'will-raise': 'アラート予定',
      passed: '異常なし',
      'will-pass': '異常なしの見込み',
      resolved: '解決',
    },
    means: { success: '成功', failure: '失敗', neutral: '中立' },
  },
  en: {
    order: 'Order',
    checks: 'Checks',
    payment: 'Payment',
    grace: 'grace',
    expiry: 'payment expires',
    now: 'now',
    empty: 'Nothing has been recorded of this order yet.',
    picture: 'Timeline of order and payment. The same is in the table below.',
    table: 'All records, as a table',
    time: 'Time',
    since: 'After',
    what: 'What',
    topic: 'Topic',
    detail: 'Detail',
    event: 'Event id',
    hint: 'Point at a mark, or reach it with Tab, for its details.',
    by: { WEBHOOK: 'by webhook', POLLING: 'by polling', UNKNOWN: 'path not known' },
    outcome: {
      raised: 'alert',
      'will-raise': 'alert due',
      passed: 'no alert',
      'will-pass': 'no alert expected',
      resolved: 'resolved',
    },
    means: { success: 'success', failure: 'failure', neutral: 'neutral' },
  },
};

const TOPICS = { order: 'order-status-changed', payment: 'payment-status-observed' } as const;

export type TimelineProps = Pick<OpsOrderDetail, 'order' | 'timeline' | 'alerts' | 'watched'> & {
  readonly now: number;
};

export function Timeline({ order, timeline, alerts, watched, now }: TimelineProps) {
  const lang = useLang();
  const say = useWords(words);
  const [box, width] = useWidth(960);
  const [pointed, setPointed] = useState<string | null>(null);

  const entries = entriesOf({ timeline, watched });
  const graceMs = graceOf(entries, alerts);
  const evaluations = evaluationsOf(entries, { alerts, watched }, graceMs);
  const isOpen = alerts.some(({ resolvedAt }) => resolvedAt === null);
  const expiresAt = order?.paymentExpiresAt ?? null;
  const layout = layOut({
    entries,
    evaluations,
    graces: gracesOf(evaluations),
    uprights: [
      ...(expiresAt === null ? [] : [{ at: expiresAt, kind: 'expiry' as const, text: say.expiry }]),
      // Where the story is over, nothing reaches to the present.
      ...(isOpen ? [{ at: now, kind: 'now' as const, text: say.now }] : []),
    ],
    now,
    width,
    zoneMs: ZONE_MS,
    evaluationText: (each) => evaluationText(each, say),
    durationText: (ms) => duration(ms, lang),
  });
  if (!layout) return <p class="note">{say.empty}</p>;

  const tell = (id: string) => ({
    tabIndex: 0,
    onMouseEnter: () => setPointed(id),
    onFocus: () => setPointed(id),
  });
  const start = layout.axis.from;
  const rows = rowsOf(entries, evaluations, say, (at) => shortDuration(at - start, lang));
  const told = rows.find(({ id }) => id === pointed);
  return (
    <div class="timeline" ref={box}>
      <svg
        class="timeline-picture"
        viewBox={`0 0 ${String(layout.width)} ${String(layout.height)}`}
        width={layout.width}
        height={layout.height}
        role="group"
        aria-label={say.picture}
        font-size={FONT}
      >
        <Ground layout={layout} say={say} lang={lang} />
        {layout.bars.map(({ entry, x, width: wide }) => (
          <rect
            key={entry.id}
            class={`bar tone-${toneOf(entry)}`}
            x={x}
            y={layout.lanes[entry.lane] - 3}
            width={wide}
            height="6"
          />
        ))}
        {layout.evaluations.map((placed) => {
          const id = evaluationId(placed.item);
          const label = labelOf(rows, id);
          return (
            <g key={id} class="mark" {...tell(id)} role="img" aria-label={label}>
              <Leader placed={placed} />
              <Diamond outcome={placed.item.outcome} x={placed.x} y={placed.y} />
              <Text placed={placed} />
            </g>
          );
        })}
        {layout.entries.map((placed) => (
          <g
            key={placed.item.id}
            class={`mark tone-${toneOf(placed.item)}`}
            {...tell(placed.item.id)}
            role="img"
            aria-label={labelOf(rows, placed.item.id)}
          >
            <Leader placed={placed} />
            <circle class="dot" cx={placed.x} cy={placed.y} r="6" />
            <Text placed={placed} />
          </g>
        ))}
      </svg>
      <p class="timeline-told small" aria-live="polite">
        {told ? (
          <>
            <strong class="time">{told.time}</strong> <span class="soft">+{told.since}</span>{' '}
            {told.what} · {told.detail}{' '}
            {told.event !== null && <code class="mono">{told.event}</code>}
          </>
        ) : (
          <span class="soft">
            {say.hint} {zoneName[lang]}
          </span>
        )}
      </p>
      <details class="timeline-table" open>
        <summary>{say.table}</summary>
        <div class="scroll" tabIndex={0} role="group" aria-label={say.table}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">
                  {say.time} ({zoneName[lang]})
                </th>
                <th scope="col">{say.since}</th>
                <th scope="col">{say.what}</th>
                <th scope="col">{say.detail}</th>
                <th scope="col">{say.topic}</th>
                <th scope="col">{say.event}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <td class="time">{row.time}</td>
                  <td class="time">+{row.since}</td>
                  <td>{row.what}</td>
                  <td>{row.detail}</td>
                  <td class="mono">{row.topic}</td>
                  <td class="mono">{row.event}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}

/** What lies behind the marks: lanes, graces, the axis. */
function Ground({
  layout,
  say,
  lang,
}: {
  layout: TimelineLayout;
  say: TimelineWords;
  lang: 'ja' | 'en';
}) {
  const { lanes, axis, axisY, width, uprights } = layout;
  const top = lanes.order - 14;
  const bottom = lanes.payment + 14;
  const isLong = axis.to - axis.from > 20 * 3_600_000 && axis.folds.length === 0;
  const detail = isLong ? 'day' : axis.ticks.some(({ at }) => at % 1000 !== 0) ? 'ms' : 'second';
  return (
    <>
      {layout.bands.map(({ x, width: wide, of }) => (
        <g key={of.from} class="grace">
          <rect x={x} y={top} width={wide} height={bottom - top} />
          <text x={x + wide / 2} y={lanes.evaluation - 12} text-anchor="middle">
            {`${say.grace} ${shortDuration(of.to - of.from, lang)}`}
          </text>
        </g>
      ))}
      {(['order', 'payment'] as const).map((lane) => (
        <line key={lane} class="lane" x1="64" x2={width} y1={lanes[lane]} y2={lanes[lane]} />
      ))}
      {(['order', 'evaluation', 'payment'] as const).map((lane) => (
        <text key={lane} class="lane-name" x="0" y={lanes[lane] + 4}>
          {lane === 'evaluation' ? say.checks : say[lane]}
        </text>
      ))}
      {axis.folds.map(({ from, x, width: wide }) => (
        <g key={from} class="fold">
          <rect x={x + 2} y={top - 4} width={Math.max(0, wide - 4)} height={axisY - top + 8} />
          <path d={zigzag(x + wide / 2, top - 4, axisY + 4)} />
        </g>
      ))}
      {uprights.map(({ item: { kind, at }, x, label }) => (
        <g key={`${kind} ${String(at)}`} class={kind}>
          {kind !== 'fold' && <line x1={x} x2={x} y1={top} y2={label.y - FONT} />}
          <text x={label.left + label.width / 2} y={label.y} text-anchor="middle">
            {label.text}
          </text>
        </g>
      ))}
      <line class="axis" x1="64" x2={width} y1={axisY} y2={axisY} />
      {axis.ticks.map(({ at, x }) => (
        <g key={at} class="tick">
          <line x1={x} x2={x} y1={axisY} y2={axisY + 5} />
          <text x={x} y={axisY + 20} text-anchor="middle">
            {clockTime(at, detail)}
          </text>
        </g>
      ))}
    </>
  );
}

/** From a mark to its text, when that is not right beside it. */
function Leader<T>({ placed: { x, y, label } }: { placed: Placed<T> }) {
  const end = label.y < y ? label.y + 4 : label.y - FONT;
  return Math.abs(end - y) < 14 ? null : <line class="leader" x1={x} x2={x} y1={y} y2={end} />;
}

function Text<T>({ placed: { label } }: { placed: Placed<T> }) {
  return (
    <text x={label.left + label.width / 2} y={label.y} text-anchor="middle">
      {label.text}
    </text>
  );
}

function Diamond({ outcome, x, y }: { outcome: Outcome; x: number; y: number }) {
  const r = outcome === 'raised' ? 8 : 6;
  const path = `M${String(x)} ${String(y - r)}l${String(r)} ${String(r)}l${String(-r)} ${String(r)}l${String(-r)} ${String(-r)}z`;
  return <path class={`check check-${outcome}`} d={path} />;
}

function zigzag(x: number, top: number, bottom: number): string {
  const steps = Math.max(1, Math.round((bottom - top) / 8));
  const points = Array.from(
    { length: steps + 1 },
    (_, i) => `${String(x + (i % 2 === 0 ? -3 : 3))} ${String(top + (i * (bottom - top)) / steps)}`,
  );
  return `M${points.join('L')}`;
}

interface Row {
  readonly id: string;
  readonly at: number;
  readonly time: string;
  readonly since: string;
  readonly what: string;
  readonly detail: string;
  readonly topic: string | null;
  readonly event: string | null;
}

function rowsOf(
  entries: readonly Entry[],
  evaluations: readonly Evaluation[],
  say: TimelineWords,
  since: (at: number) => string,
): readonly Row[] {
  const ofEntry = (entry: Entry): Row => ({
    id: entry.id,
    at: entry.at,
    time: clockTime(entry.at, 'ms'),
    since: since(entry.at),
    what: `${say[entry.lane]} ${entry.status}`,
    detail: [
      entry.result && say.means[entry.result],
      entry.source && say.by[entry.source],
      entry.reason,
    ]
      .filter((part) => part !== null)
      .join(', '),
    topic: TOPICS[entry.lane],
    event: entry.eventId,
  });
  const ofEvaluation = (evaluation: Evaluation): Row => ({
    id: evaluationId(evaluation),
    at: evaluation.at,
    time: clockTime(evaluation.at, 'ms'),
    since: since(evaluation.at),
    what: `${say.checks} ${evaluation.ruleId}${evaluation.row ? ` (${evaluation.row})` : ''}`,
    detail: say.outcome[evaluation.outcome],
    topic: null,
    event: null,
  });
  return [...entries.map(ofEntry), ...evaluations.map(ofEvaluation)].sort((a, b) => a.at - b.at);
}

function evaluationText({ ruleId, outcome }: Evaluation, say: TimelineWords): string {
  return `${ruleId.replace('RULE_', '')}: ${say.outcome[outcome]}`;
}

function evaluationId({ ruleId, row, at, outcome }: Evaluation): string {
  return `${ruleId}-${String(row)}-${String(at)}-${outcome}`;
}

function labelOf(rows: readonly Row[], id: string): string {
  const row = rows.find((each) => each.id === id);
  return row ? `${row.time} ${row.what} ${row.detail}` : '';
}

function toneOf({ lane, status, result }: Entry): 'good' | 'bad' | 'plain' {
  if (lane === 'order') return status === 'PAID' ? 'good' : status === 'FAILED' ? 'bad' : 'plain';
  return result === 'success' ? 'good' : result === 'failure' ? 'bad' : 'plain';
}
