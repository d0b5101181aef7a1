/** Alerts and orders to try pages and functions with. */
import type { Alert, AlertDetail, OpsOrderDetail } from '../../contract-ops.ts';

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
