/** The list of alerts, live. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Alert, AlertPageView } from '../../contract-ops.ts';
import { callApi } from '../../web/api-client.ts';
import { count } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { duration } from '../ages.ts';
import { AlertRow } from '../list/alert-row.tsx';
import type { Filters } from '../list/filters.ts';
import { apiQueryOf, isPlain, matches, PAGE_SIZE, searchOf } from '../list/filters.ts';
import { keyEffect } from '../list/keyboard.ts';
import type { LiveList } from '../list/live-list.ts';
import { liveList, showWaiting, withMessage, withPage } from '../list/live-list.ts';
import { useNow } from '../live/use-now.ts';
import { useOps } from '../live/use-ops.ts';
import type { Watching } from '../pages.ts';
import { ConnectionBadge } from '../parts/connection.tsx';
import { Shape } from '../parts/badges.tsx';

interface ListWords {
  caption: (total: number) => string;
  fresh: (many: number) => string;
  columns: readonly [string, string, string, string, string, string, string];
  allClear: string;
  watching: (watching: Watching) => string;
  nothing: string;
  blind: string;
  overview: string;
  keys: string;
  failed: string;
  reload: string;
  earlier: string;
  later: string;
  page: (page: number, pages: number) => string;
}
const words: Words<ListWords> = {
  ja: {
    caption: (total) => `${count(total)}件`,
    fresh: (many) => `新しいアラートが${count(many)}件あります。表示する`,
    columns: ['状態', 'ルール', '注文', '観測 → 期待', '金額', '経過', '担当'],
    allClear: '未解決のアラートはありません',
    watching: ({ behindMs, orders }) =>
      `${behindMs === null ? '' : `${duration(behindMs, 'ja')}前までの判定が済み、`}${count(orders)}件の注文を見守っています。`,
    nothing: 'この条件に合うアラートはありません。',
    blind: 'ただし、判定が最新かどうか確認できません。見落としがあるかもしれません。',
    overview: '概況を見る',
    keys: 'j / k で移動、Enter で開く、a で担当する、/ で検索',
    failed: '保存できませんでした。もう一度お試しください。',
    reload: '更新できませんでした。',
    earlier: '前へ',
    later: '次へ',
    page: (page, pages) => `${count(page)} / ${count(pages)}ページ`,
  },
  en: {
    caption: (total) => `${count(total)} ${total === 1 ? 'alert' : 'alerts'}`,
    fresh: (many) => `${count(many)} new ${many === 1 ? 'alert' : 'alerts'}. Show`,
    columns: ['State', 'Rule', 'Order', 'Observed → expected', 'Amount', 'Age', 'Who has it'],
    allClear: 'No open alerts',
    watching: ({ behindMs, orders }) =>
      `${behindMs === null ? '' : `Last evaluation ${duration(behindMs, 'en')} ago, `}${count(orders)} orders watched.`,
    nothing: 'No alert is like that.',
    blind: 'But nobody can say whether the evaluation is up to date: some may be missing.',
    overview: 'See the overview',
    keys: 'j / k to walk, Enter to open, a to acknowledge, / to search',
    failed: 'That was not saved. Please try again.',
    reload: 'The list could not be brought up to date.',
    earlier: 'Back',
    later: 'Next',
    page: (page, pages) => `Page ${count(page)} of ${count(pages)}`,
  },
};

const RELOAD_MS = 1500;
/** By then an alert may be due that nobody has been told of. */
const LONG_BEHIND_MS = 60_000;
/** What takes keys for itself. */
const FIELDS = 'input, select, textarea, dialog';
const WITH_ENTER = `${FIELDS}, a, button, summary`;

export interface AlertListProps {
  readonly filters: Filters;
  readonly page: AlertPageView;
  readonly watching: Watching | null;
  readonly csrf: string;
  readonly now: number;
}

export default function AlertList({
  filters,
  page,
  watching,
  csrf,
  now: serverNow,
}: AlertListProps) {
  const say = useWords(words);
  const lang = useLang();
  const now = useNow(serverNow);
  const [list, setList] = useState<LiveList>(() => liveList(page.alerts, page.total, filters.sort));
  const [chosen, setChosen] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const pointed = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // A key that is held comes faster than the page is drawn.
  const latest = useRef<string | null>(null);
  const choose = (id: string | null) => {
    latest.current = id;
    setChosen(id);
  };
  const held = () => latest.current ?? pointed.current;

  const reload = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    callApi(fetch, 'GET /api/ops/alerts', { query: apiQueryOf(filters) }).then(
      ({ alerts, total }) => {
        setFault(null);
        setList((old) => withPage(old, alerts, total, held()));
      },
      () => setFault(say.reload),
    );
  };
  /** A push has no amounts and no names; many may come at once. */
  const reloadSoon = () => (timer.current ??= setTimeout(reload, RELOAD_MS));
  useEffect(() => () => clearTimeout(timer.current), []);

  const connection = useOps({
    onMessage: (message) => {
      if (message.type === 'hello') return;
      const belongs = (alert: Alert) => filters.page === 1 && matches(alert, filters, now);
      setList((old) => withMessage(old, message, held(), belongs));
      if (message.type === 'alert-raised' || message.type === 'alert-action') reloadSoon();
    },
    onBack: reload,
  });

  const acknowledge = (alertId: string) => {
    const alert = list.shown.find((each) => each.alertId === alertId);
    if (alert?.state !== 'NEW') return;
    const params = { alertId };
    const wish = { params, body: {}, csrf };
    callApi(fetch, 'POST /api/ops/alerts/{alertId}/acknowledge', wish).then(
      () => {
        setFault(null);
        reloadSoon();
      },
      () => setFault(say.failed),
    );
  };

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as Element;
      const press = {
        key: event.key,
        hasModifier: event.ctrlKey || event.metaKey || event.altKey,
        isElsewhere: target.closest(event.key === 'Enter' ? WITH_ENTER : FIELDS) !== null,
      };
      const ids = list.shown.map(({ alertId }) => alertId);
      const effect = keyEffect(press, ids, latest.current);
      if (!effect) return;
      event.preventDefault();
      switch (effect.type) {
        case 'choose':
          choose(effect.id);
          document
            .getElementById(`alert-${String(effect.id)}`)
            ?.scrollIntoView({ block: 'nearest' });
          return;
        case 'open':
          location.assign(`/ops/alerts/${effect.id}`);
          return;
        case 'acknowledge':
          acknowledge(effect.id);
          return;
        case 'search':
          document.getElementById('order-search')?.focus();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  const pages = Math.max(1, Math.ceil(list.total / PAGE_SIZE));
  return (
    <section class="alert-list">
      <div class="bar">
        <p class="count" role="status">
          {say.caption(list.total)}
        </p>
        {/* Where there is room for it already: it must not move the rows, either. */}
        {list.waiting.length > 0 ? (
          <button type="button" class="button fresh" onClick={() => setList(showWaiting)}>
            {say.fresh(list.waiting.length)}
          </button>
        ) : (
          <p class="soft small keys">{say.keys}</p>
        )}
        <ConnectionBadge connection={connection} />
      </div>
      {fault !== null && (
        <p class="note note-bad" role="alert">
          {fault}
        </p>
      )}
      {list.shown.length === 0 ? (
        <Empty say={say} watching={watching} isPlain={isPlain(filters)} />
      ) : (
        <div class="scroll card">
          <table class="table alerts" onMouseLeave={() => (pointed.current = null)}>
            <thead>
              <tr>
                {say.columns.map((column, i) => (
                  <th key={column} scope="col" class={i === 4 || i === 5 ? 'number' : undefined}>
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.shown.map((alert) => (
                <AlertRow
                  key={alert.alertId}
                  alert={alert}
                  now={now}
                  lang={lang}
                  isChosen={alert.alertId === chosen}
                  onPoint={() => (pointed.current = alert.alertId)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pages > 1 && (
        <nav class="pager">
          {filters.page > 1 && (
            <a
              class="button button-small"
              href={`/ops${searchOf({ ...filters, page: filters.page - 1 })}`}
            >
              {say.earlier}
            </a>
          )}
          <span class="soft count">{say.page(filters.page, pages)}</span>
          {filters.page < pages && (
            <a
              class="button button-small"
              href={`/ops${searchOf({ ...filters, page: filters.page + 1 })}`}
            >
              {say.later}
            </a>
          )}
        </nav>
      )}
    </section>
  );
}

function Empty({
  say,
  watching,
  isPlain: isEverything,
}: {
  say: ListWords;
  watching: Watching | null;
  isPlain: boolean;
}) {
  if (!isEverything) return <p class="blank soft">{say.nothing}</p>;
  const isGood = watching?.isUp === true && (watching.behindMs ?? 0) <= LONG_BEHIND_MS;
  return (
    <div class="blank">
      <p class={`all-clear ${isGood ? 'tone-good' : 'tone-plain'}`}>
        <Shape tone={isGood ? 'good' : 'plain'} /> {say.allClear}
      </p>
      {watching?.isUp && <p class="soft">{say.watching(watching)}</p>}
      {!isGood && (
        <p class="note note-warn">
          <Shape tone="warn" />
          <span>
            {say.blind} <a href="/ops/overview">{say.overview}</a>
          </span>
        </p>
      )}
    </div>
  );
}
