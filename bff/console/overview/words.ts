import { count } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';

export interface OverviewWords {
  title: string;
  spans: Readonly<Record<number, string>>;
  span: string;
  stale: string;
  normal: string;
  table: string;
  up: string;
  behind: string;
  down: string;
  overTime: string;
  overTimeNormal: string;
  totals: (raised: number, resolved: number) => string;
  time: string;
  open: string;
  openNormal: string;
  noneOpen: string;
  rule: string;
  ages: readonly [string, string, string, string];
  total: string;
  taken: (many: number) => string;
  toResolve: string;
  toResolveNormal: string;
  median: string;
  p95: string;
  resolvedMany: (many: number) => string;
  noneResolved: string;
  slo: string;
  sloNormal: (objective: string) => string;
  sloAway: string;
  sloNothing: string;
  met: string;
  nearly: string;
  missed: string;
  budget: (share: string) => string;
  overspent: string;
  within: (within: number, missed: number) => string;
  services: string;
  servicesNormal: string;
  serviceColumns: readonly [string, string, string, string, string, string, string];
  tasks: (name: string) => string;
  task: string;
  slowest: string;
  deadNormal: string;
  feeds: string;
  feedsNormal: string;
  feed: string;
  last: string;
  spoke: string;
  quiet: string;
  silent: string;
  never: string;
  orders: string;
  ordersNormal: string;
  status: string;
  many: string;
}

export const overviewWords: Words<OverviewWords> = {
  ja: {
    title: '概況',
    spans: { 1: '1時間', 24: '24時間', 168: '7日', 720: '30日' },
    span: '期間',
    stale: '更新できませんでした。表示は最新ではありません。',
    normal: '正常：',
    table: '表で見る',
    up: '正常',
    behind: '要確認',
    down: '停止',
    overTime: 'ルール別アラートの推移',
    overTimeNormal: '一日に数件。山があれば、決済事業者か注文サービスの障害を疑います。',
    totals: (raised, resolved) => `発生 ${count(raised)}件、解決 ${count(resolved)}件`,
    time: '時刻',
    open: '未解決（経過時間別）',
    openNormal: '1時間を超えるものがないこと。',
    noneOpen: '未解決のアラートはありません',
    rule: 'ルール',
    ages: ['5分以内', '1時間以内', '24時間以内', 'それ以上'],
    total: '計',
    taken: (many) => `うち対応中 ${count(many)}件`,
    toResolve: '解決までの時間',
    toResolveNormal: '中央値15分以内、95%が1時間以内。',
    median: '中央値',
    p95: '95%',
    resolvedMany: (many) => `解決した ${count(many)}件から`,
    noneResolved: 'この期間に解決したアラートはありません。',
    slo: '支払いから60秒以内に PAID',
    sloNormal: (objective) => `${objective} 以上。エラーバジェットが残っていること。`,
    sloAway: '計測するサービスが応答していません。',
    sloNothing: 'まだ計測がありません。',
    met: '達成',
    nearly: '残りわずか',
    missed: '未達',
    budget: (share) => `エラーバジェット残り ${share}`,
    overspent: 'エラーバジェットを使い切りました',
    within: (within, missed) => `60秒以内 ${count(within)}件、超過 ${count(missed)}件`,
    services: 'サービス',
    servicesNormal:
      'ウォーターマークの遅れ 15秒以内、ラグ 1,000件以内、デッドレター 0件。遅れは最も遅いパーティションで決まります。',
    serviceColumns: [
      'サービス',
      '状態',
      'ウォーターマークの遅れ',
      '律速',
      'ラグ',
      '処理済み',
      'デッドレター',
    ],
    tasks: (name) => `${name} のタスク`,
    task: 'タスク',
    slowest: '最も遅い',
    deadNormal: 'デッドレターの中身は「npx kafka-alert dead-letters」で見られます。',
    feeds: 'フィード',
    feedsNormal:
      '注文と決済は1時間以内に届いていること（夜間を除く）。アラートと商品は静かでも正常です。',
    feed: 'フィード',
    last: '最後の受信',
    spoke: '受信中',
    quiet: '静か',
    silent: '途絶',
    never: '受信なし',
    orders: '注文',
    ordersNormal: 'ほとんどが PAID。WAITING_PAYMENT は支払期限（15分）以内に減ること。',
    status: '状態',
    many: '件数',
  },
  en: {
    title: 'Overview',
    spans: { 1: '1 h', 24: '24 h', 168: '7 d', 720: '30 d' },
    span: 'Span',
    stale: 'This could not be brought up to date; what you see is old.',
    normal: 'Normal: ',
    table: 'As a table',
    up: 'Up',
    behind: 'Look at it',
    down: 'Down',
    overTime: 'Alerts by rule',
    overTimeNormal: 'a few a day. A peak means trouble at the provider, or of the order service.',
    totals: (raised, resolved) => `${count(raised)} raised, ${count(resolved)} resolved`,
    time: 'Time',
    open: 'Open, by age',
    openNormal: 'none older than an hour.',
    noneOpen: 'No open alerts',
    rule: 'Rule',
    ages: ['≤ 5 min', '≤ 1 h', '≤ 24 h', 'older'],
    total: 'All',
    taken: (many) => `${count(many)} of them acknowledged`,
    toResolve: 'Time to resolve',
    toResolveNormal: 'half within 15 min, 95% within an hour.',
    median: 'Median',
    p95: '95%',
    resolvedMany: (many) => `of ${count(many)} that were resolved`,
    noneResolved: 'None was resolved in this span.',
    slo: 'PAID within 60 s of the payment',
    sloNormal: (objective) => `${objective} or more, with error budget left.`,
    sloAway: 'The service that measures does not answer.',
    sloNothing: 'Nothing was measured yet.',
    met: 'Met',
    nearly: 'Nearly used up',
    missed: 'Missed',
    budget: (share) => `${share} of the error budget left`,
    overspent: 'The error budget is overspent',
    within: (within, missed) => `${count(within)} within 60 s, ${count(missed)} later`,
    services: 'Services',
    servicesNormal:
      'watermark at most 15 s behind, lag under 1,000, no dead letters. The slowest partition holds the watermark back.',
    serviceColumns: [
      'Service',
      'State',
      'Watermark behind',
      'Held back by',
      'Lag',
      'Processed',
      'Dead letters',
    ],
    tasks: (name) => `Tasks of ${name}`,
    task: 'Task',
    slowest: 'the slowest',
    deadNormal: '“npx kafka-alert dead-letters” shows what is in the dead letters.',
    feeds: 'Feeds',
    feedsNormal:
      'orders and payments within the last hour, except at night; alerts and products may be quiet.',
    feed: 'Feed',
    last: 'Last heard',
    spoke: 'Speaking',
    quiet: 'Quiet',
    silent: 'Silent',
    never: 'never',
    orders: 'Orders',
    ordersNormal: 'nearly all PAID; WAITING_PAYMENT goes down within its 15 minutes.',
    status: 'Status',
    many: 'Count',
  },
};
