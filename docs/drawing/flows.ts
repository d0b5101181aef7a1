/** Who writes and reads what, and what is kept: what the page DataFlow shows. */

export const RAISED = 'alerts.order_payment_inconsistency.v1';
export const RESOLVED = 'alerts.order_payment_inconsistency.resolved.v1';

/** From top to bottom; those of one matter together. */
export const TOPICS = [
  ['order-commands', 'order-created', 'order-status-changed'],
  ['storage-commands', 'storage-events'],
  ['payment-commands', 'payment-events', 'payment-status-observed', 'payment-confirmations'],
  [RAISED, RESOLVED, 'alert-actions', 'alert-action-outcomes'],
  ['account-events', 'product-events'],
] as const;

export type Topic = (typeof TOPICS)[number][number];

export interface Column {
  readonly service: string;
  readonly kind: 'service' | 'topology';
  readonly lines: readonly string[];
  readonly width: number;
  readonly writes: readonly Topic[];
  readonly reads: readonly Topic[];
}

/** From left to right. */
export const COLUMNS: readonly Column[] = [
  {
    service: 'bff',
    kind: 'service',
    lines: ['store and console'],
    width: 130,
    writes: ['order-commands', 'payment-commands', 'alert-actions'],
    reads: [
      'order-status-changed',
      'payment-events',
      'payment-status-observed',
      RAISED,
      RESOLVED,
      'alert-actions',
      'alert-action-outcomes',
    ],
  },
  {
    service: 'order',
    kind: 'topology',
    lines: ['order-saga'],
    width: 162,
    writes: [
      'order-created',
      'order-status-changed',
      'storage-commands',
      'payment-commands',
      'alert-action-outcomes',
    ],
    reads: [
      'order-commands',
      'storage-events',
      'payment-events',
      'payment-status-observed',
      'alert-actions',
    ],
  },
  {
    service: 'storage',
    kind: 'topology',
    lines: ['storage'],
    width: 126,
    writes: ['storage-events'],
    reads: ['storage-commands'],
  },
  {
    service: 'payment',
    kind: 'service',
    lines: ['PayPay’s client'],
    width: 126,
    writes: ['payment-commands', 'payment-events', 'payment-status-observed'],
    reads: ['payment-commands'],
  },
  {
    service: 'kafka-alert',
    kind: 'topology',
    lines: ['kafka-alert'],
    width: 124,
    writes: [RAISED, RESOLVED],
    reads: ['order-status-changed', 'payment-status-observed'],
  },
  {
    service: 'slo',
    kind: 'topology',
    lines: ['payment-slo'],
    width: 106,
    writes: ['payment-confirmations'],
    reads: ['order-status-changed', 'payment-status-observed'],
  },
  {
    service: 'account',
    kind: 'service',
    lines: ['sign-up, sign-in'],
    width: 104,
    writes: ['account-events'],
    reads: [],
  },
  {
    service: 'catalogue',
    kind: 'service',
    lines: ['a command'],
    width: 104,
    writes: ['product-events', 'storage-commands'],
    reads: ['product-events'],
  },
  {
    service: 'projections',
    kind: 'service',
    lines: ['into MySQL'],
    width: 112,
    writes: [],
    reads: [
      'order-created',
      'order-status-changed',
      'storage-events',
      'payment-events',
      'payment-status-observed',
      RAISED,
      RESOLVED,
      'alert-actions',
      'alert-action-outcomes',
      'account-events',
      'product-events',
    ],
  },
  {
    service: 'search-indexer',
    kind: 'service',
    lines: ['into Elasticsearch'],
    width: 128,
    writes: [],
    reads: [
      'order-created',
      'order-status-changed',
      'payment-status-observed',
      RAISED,
      RESOLVED,
      'alert-actions',
      'product-events',
    ],
  },
];

export interface Kept {
  readonly application: string;
  readonly title: string;
  /** Each processor with its stores. */
  readonly processors: readonly (readonly [name: string, stores: readonly string[]])[];
}

export const STATE: readonly Kept[] = [
  {
    application: 'order-saga',
    title: 'order: each order with its saga',
    processors: [['run-sagas', ['order-sagas']]],
  },
  {
    application: 'storage',
    title: 'storage: the stock of each sku',
    processors: [['keep-stock', ['stock', 'reservations', 'restocks']]],
  },
  {
    application: 'kafka-alert',
    title: 'kafka-alert: the timeline of each order',
    processors: [['watch-order', ['order-timelines']]],
  },
  {
    application: 'payment-slo',
    title: 'slo: how long the paid have waited',
    processors: [
      ['first-success', ['first-successes']],
      ['first-paid', ['first-paids']],
      ['confirmations', ['confirmations']],
    ],
  },
];
