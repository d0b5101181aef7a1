/** Alerts and orders to try pages and functions with. */
import type { Alert, AlertDetail, OpsOrderDetail, Overview } from '../../contract-ops.ts';

export const T0 = Date.parse('2024-02-01T12:00:00+09:00');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export function sampleAlert(given: Partial<Alert> = {}): Alert {
  return {
    alertId: '47f7da59-6d70-50ec-baf3-34b6a99133db',
    orderNo: 'ORD-20240201-000123',
    ruleId: 'RULE_A',
    eventId: 'evt_1',
    state: 'NEW',
    observed: { orderStatus: 'WAITING_PAYMENT', paymentStatus: 'COMPLETED' },
    expected: { orderStatus: 'PAID' },
    detectedAt: T0 + 45 * SECOND + 5 * MINUTE,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: null,
    totalAmount: 1280,
    ...given,
  };
}

export const sampleTimeline: OpsOrderDetail['timeline'] = [
  { kind: 'order', at: T0, status: 'PENDING', paymentStatus: null, reason: null },
  {
    kind: 'order',
    at: T0 + 400,
    status: 'WAITING_PAYMENT',
    paymentStatus: 'CREATED',
    reason: null,
  },
  {
    kind: 'payment',
    at: T0 + 45 * SECOND,
    status: 'COMPLETED',
    result: 'success',
    source: 'WEBHOOK',
    eventId: 'evt_1',
  },
];

/** A payment that the order did not follow. */
export function sampleDetail(given: Partial<AlertDetail> = {}): AlertDetail {
  const alert = given.alert ?? sampleAlert();
  return {
    alert,
    order: {
      orderNo: alert.orderNo,
      status: 'WAITING_PAYMENT',
      statusAt: T0 + 400,
      createdAt: T0,
      totalAmount: 1280,
      paymentStatus: 'COMPLETED',
      paymentExpiresAt: T0 + 15 * MINUTE,
      reason: null,
      shopper: { accountId: 'acc-1', displayName: '佐藤 花子' },
      lines: [
        {
          sku: 'TEA-001',
          nameJa: '宇治抹茶',
          nameEn: 'Uji matcha',
          picture: '/pictures/TEA-001.svg',
          quantity: 1,
          unitPrice: 1280,
          lineTotal: 1280,
        },
      ],
      payment: {
        url: 'https://pay.example/1',
        expiresAt: T0 + 15 * MINUTE,
        paidAt: T0 + 45 * SECOND,
      },
      merchantPaymentId: alert.orderNo,
    },
    timeline: sampleTimeline,
    alerts: [alert],
    audit: [],
    watched: null,
    watchedProblem: 'kafka-alert does not answer',
    actions: [
      { type: 'RESEND_PAYMENT_RESULT', isLikely: true, why: null },
      { type: 'COMPENSATE', isLikely: true, why: null },
    ],
    serverTime: T0 + 20 * MINUTE,
    ...given,
  };
}

export function sampleOverview(given: Partial<Overview> = {}): Overview {
  const hour = 60 * MINUTE;
  const serverTime = T0 + 20 * MINUTE;
  const from = serverTime - 24 * hour;
  const first = from - (from % hour);
  const bucket = (hours: number, ruleId: Overview['alerts'][number]['ruleId'], raised: number) => ({
    at: first + hours * hour,
    ruleId,
    raised,
    resolved: Math.max(0, raised - 1),
  });
  const tasks = (delays: readonly number[]) =>
    delays.map((watermarkDelayMs, i) => ({ task: `0_${i}`, lag: i * 3, watermarkDelayMs }));
  const service = (name: string, delays: readonly number[]) => ({
    name,
    isUp: true,
    problem: null,
    lag: 9,
    watermarkDelayMs: Math.max(...delays),
    heldBackBy: `order-status-changed-${delays.indexOf(Math.max(...delays))}`,
    tasks: tasks(delays),
    processed: 48_112,
    deadLetters: 0,
  });
  return {
    serverTime,
    from,
    stepMs: hour,
    alerts: [
      bucket(2, 'RULE_A', 3),
      bucket(2, 'RULE_C', 1),
      bucket(9, 'RULE_A', 6),
      bucket(10, 'RULE_B', 2),
      bucket(16, 'RULE_A', 1),
      bucket(23, 'RULE_C', 2),
    ],
    open: [
      {
        ruleId: 'RULE_A',
        count: 4,
        acknowledged: 1,
        oldestAt: serverTime - 3 * hour,
        ages: { m5: 1, h1: 2, h24: 1, older: 0 },
      },
      {
        ruleId: 'RULE_C',
        count: 1,
        acknowledged: 0,
        oldestAt: serverTime - 30 * hour,
        ages: { m5: 0, h1: 0, h24: 0, older: 1 },
      },
    ],
    timeToResolve: { count: 11, medianMs: 9 * MINUTE, p95Ms: 52 * MINUTE },
    slo: { objective: 0.99, within: 12_301, missed: 41, share: 0.99668, budgetLeft: 0.67 },
    orders: [
      { status: 'PAID', count: 12_301 },
      { status: 'WAITING_PAYMENT', count: 61 },
      { status: 'FAILED', count: 46 },
    ],
    services: [
      service('kafka-alert', [5200, 5900, 5100]),
      service('order', [5100, 5300, 18_400]),
      {
        ...service('slo', [5000]),
        isUp: false,
        problem: 'does not answer',
        lag: null,
        watermarkDelayMs: null,
        heldBackBy: null,
        tasks: [],
        processed: null,
        deadLetters: null,
      },
    ],
    feeds: [
      { name: 'order-status-changed', lastAt: serverTime - 4000 },
      { name: 'payment-status-observed', lastAt: serverTime - 9000 },
      { name: 'alerts', lastAt: serverTime - 5 * hour },
      { name: 'product-events', lastAt: null },
    ],
    ...given,
  };
}
