import { JoinWindows, numberSerde, StreamsBuilder } from '#streams';
import type { KeyedProcessor, StoreHandle, Topic, Topology } from '#streams';
import { resultOf } from '#schemas';
import type { OrderStatusChanged, PaymentConfirmation, PaymentStatusObserved } from '#schemas';

/** What the topology reads and writes. */
export interface PaymentSloTopics {
  readonly orderStatusChanged: Topic<OrderStatusChanged>;
  readonly paymentStatusObserved: Topic<PaymentStatusObserved>;
  readonly paymentConfirmation: Topic<PaymentConfirmation>;
}

export interface PaymentSloSettings {
  /** Within how long after its payment an order is to be PAID; ms. */
  readonly objectiveMs: number;
  /** After how long an order that is not PAID is given up on; ms. */
  readonly windowMs: number;
  /** How long it is remembered that an order was measured; ms. */
  readonly retentionMs: number;
}

export const defaultPaymentSloSettings: PaymentSloSettings = {
  objectiveMs: 60_000,
  windowMs: 600_000,
  retentionMs: 7 * 24 * 3_600_000,
};

/** What the results are counted by: the seconds that it took, `in time` at most the objective. */
export const BUCKETS_S: readonly number[] = [1, 2, 5, 10, 30, 60, 120, 300, 600];

/**
 * Measures how long a shopper who has paid waits for the order to be PAID: a windowed join of the two, each order once.
 *
 * @example
 * import { topics } from '#schemas';
 * const topology = paymentSlo({ ...defaultPaymentSloSettings, topics });
 */
export function paymentSlo(
  settings: PaymentSloSettings & { readonly topics: PaymentSloTopics },
): Topology {
  const { topics, objectiveMs, windowMs, retentionMs } = settings;
  const builder = new StreamsBuilder('payment-slo');
  const first = <V>(name: string) => firstInstant<V>(builder.store(name, numberSerde), retentionMs);
  const paid = builder
    .stream(topics.paymentStatusObserved)
    .filter(({ status }) => resultOf(status) === 'success')
    .process('first-success', first('first-successes'));
  const confirmed = builder
    .stream(topics.orderStatusChanged)
    .filter(({ status }) => status === 'PAID')
    .process('first-paid', first('first-paids'));

  paid
    .leftJoin(
      confirmed,
      (paidAt, confirmedAt, orderNo) => confirmation(orderNo, paidAt, confirmedAt, objectiveMs),
      JoinWindows.ofTimeDifferenceAndGrace(windowMs, 0),
      { name: 'confirmations', value: numberSerde, otherValue: numberSerde },
    )
    .process<PaymentConfirmation>('measure', {
      onRecord({ key, value }, context) {
        const { paidAt, confirmedAt } = value;
        context.count(value.isWithinObjective ? 'within-objective' : 'missed-objective');
        if (confirmedAt === null) context.count('not-confirmed');
        else {
          const seconds = Math.max(0, confirmedAt - paidAt) / 1000;
          context.count('seconds', seconds);
          const bucket = BUCKETS_S.find((limit) => seconds <= limit);
          context.count(`seconds-le-${bucket ?? '+Inf'}`);
        }
        context.forward({ key, value });
      },
    })
    .to(topics.paymentConfirmation);
  return builder.build();
}

/** Sends on the first record's event time of each key: the same payment is seen by webhook and by polling. */
function firstInstant<V>(
  store: StoreHandle<number>,
  retentionMs: number,
): KeyedProcessor<V, number, number> {
  return {
    store,
    timer: (seenAt) => seenAt + retentionMs,
    timerVersion: `retention ${retentionMs}`,
    onRecord({ timestamp }, seen, context) {
      if (seen !== undefined) {
        context.drop('measured-before');
        return;
      }
      context.put(timestamp);
      context.forward(timestamp);
    },
    onTimer(_orderNo, _dueAt, _seenAt, context) {
      context.put(null);
    },
  };
}

function confirmation(
  orderNo: string,
  paidAt: number,
  confirmedAt: number | undefined,
  objectiveMs: number,
): PaymentConfirmation {
  return {
    orderNo,
    paidAt,
    confirmedAt: confirmedAt ?? null,
    isWithinObjective: confirmedAt !== undefined && confirmedAt - paidAt <= objectiveMs,
    measuredAt: Math.max(paidAt, confirmedAt ?? paidAt),
  };
}
