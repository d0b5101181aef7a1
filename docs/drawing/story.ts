/** What the numbers on the page DataFlow tell. */
import { RAISED, RESOLVED, type Topic } from './flows.ts';

/** What happens, and where its number stands: at what a service writes to or reads from a topic. */
export interface Step {
  readonly text: readonly string[];
  readonly at: readonly (readonly [service: string, does: 'writes' | 'reads', topic: Topic])[];
}

export const ORDER: readonly Step[] = [
  {
    text: ['The shopper clicks; the order’s command is in Kafka.'],
    at: [['bff', 'writes', 'order-commands']],
  },
  {
    text: ['The saga starts: the order is PENDING,', 'each line’s stock is to be reserved.'],
    at: [
      ['order', 'writes', 'order-created'],
      ['order', 'writes', 'order-status-changed'],
      ['order', 'writes', 'storage-commands'],
    ],
  },
  { text: ['Each line’s stock is RESERVED.'], at: [['storage', 'writes', 'storage-events']] },
  { text: ['A payment is asked for.'], at: [['order', 'writes', 'payment-commands']] },
  {
    text: ['PayPay has made a code that can be paid.'],
    at: [['payment', 'writes', 'payment-events']],
  },
  {
    text: ['WAITING_PAYMENT: the shopper sees the code.'],
    at: [
      ['order', 'writes', 'order-status-changed'],
      ['bff', 'reads', 'order-status-changed'],
    ],
  },
  {
    text: [
      'The shopper has paid. PayPay’s webhook (else the',
      'saga, polling) is a command to look.',
    ],
    at: [['payment', 'writes', 'payment-commands']],
  },
  {
    text: ['What PayPay says is observed: COMPLETED.'],
    at: [['payment', 'writes', 'payment-status-observed']],
  },
  {
    text: ['The order is PAID; its stock is to be confirmed.'],
    at: [
      ['order', 'writes', 'order-status-changed'],
      ['order', 'writes', 'storage-commands'],
    ],
  },
  {
    text: ['The stock is CONFIRMED; the shopper sees PAID;', 'how long that took is measured.'],
    at: [
      ['storage', 'writes', 'storage-events'],
      ['bff', 'reads', 'order-status-changed'],
      ['slo', 'writes', 'payment-confirmations'],
    ],
  },
];

export const ALERT: readonly Step[] = [
  {
    text: ['A payment is seen to be COMPLETED …'],
    at: [['kafka-alert', 'reads', 'payment-status-observed']],
  },
  {
    text: ['… but the order is still WAITING_PAYMENT.'],
    at: [['kafka-alert', 'reads', 'order-status-changed']],
  },
  {
    text: ['The grace is over: an event-time timer raises', 'RULE_A.'],
    at: [['kafka-alert', 'writes', RAISED]],
  },
  {
    text: ['The operator sees it at once; it is kept and found.'],
    at: [
      ['bff', 'reads', RAISED],
      ['projections', 'reads', RAISED],
      ['search-indexer', 'reads', RAISED],
    ],
  },
  {
    text: ['The operator decides: RESEND_PAYMENT_RESULT.'],
    at: [['bff', 'writes', 'alert-actions']],
  },
  { text: ['The saga has PayPay asked once more.'], at: [['order', 'writes', 'payment-commands']] },
  {
    text: ['The result is observed again.'],
    at: [['payment', 'writes', 'payment-status-observed']],
  },
  {
    text: ['The order is PAID; the decision is DONE.'],
    at: [
      ['order', 'writes', 'order-status-changed'],
      ['order', 'writes', 'alert-action-outcomes'],
    ],
  },
  {
    text: ['Both agree again: the alert is resolved,', 'and the operator sees that.'],
    at: [
      ['kafka-alert', 'writes', RESOLVED],
      ['bff', 'reads', RESOLVED],
    ],
  },
];
