import type { KeyedProcessor, ProcessorContext, StoreHandle } from '#streams';
import type {
  AlertRaised,
  AlertResolved,
  OrderStatusChanged,
  PaymentStatusObserved,
} from '#schemas';
import { alertId } from './alert-id.ts';
import type { Candidate } from './rules.ts';
import type { Findings, Resolution } from './settle.ts';
import type { AlertSettings } from './settings.ts';
import { orderEntry, paymentEntry } from './timeline.ts';
import type { Entry } from './timeline.ts';
import { check, nextTimerAt, observe } from './watched-order.ts';
import type { WatchedOrder } from './watched-order.ts';

const SOURCE = 'kafka-alert';

/** The rules, as the runtime drives them: one key is one order. */
export function orderWatcher(
  store: StoreHandle<WatchedOrder>,
  settings: AlertSettings,
): KeyedProcessor<
  OrderStatusChanged | PaymentStatusObserved,
  WatchedOrder,
  AlertRaised | AlertResolved
> {
  const { graceMs, retentionMs, unknownOrder } = settings;
  return {
    store,
    timer: (order) => nextTimerAt(order, settings),
    timerVersion: `grace ${graceMs}, retention ${retentionMs}, unknown order ${unknownOrder}`,

    onRecord(record, order, context) {
      const observation = observe(order, entryOf(record.value), context.watermark, settings);
      if (observation.outcome !== 'accepted') {
        context.drop(observation.outcome);
        return;
      }
      context.put(observation.order);
      publish(observation.findings, record.key, context);
    },

    onTimer(orderNo, _dueAt, order, context) {
      const checked = check(order, context.watermark, settings);
      context.put(checked.order);
      publish(checked.findings, orderNo, context);
    },
  };
}

function entryOf(value: OrderStatusChanged | PaymentStatusObserved): Entry {
  return 'eventId' in value
    ? paymentEntry(value.status, value.eventId, value.occurredAt, value.source)
    : orderEntry(value.status, value.updatedAt, value.paymentExpiresAt);
}

function publish(
  { alerts, resolutions, suppressed }: Findings,
  orderNo: string,
  context: ProcessorContext<WatchedOrder, AlertRaised | AlertResolved>,
): void {
  for (const alert of alerts) {
    context.forward(alertRaised(orderNo, alert), alert.detectedAt);
    context.count(`raised-${alert.ruleId}`);
  }
  for (const resolution of resolutions) {
    context.forward(alertResolved(orderNo, resolution), resolution.resolvedAt);
    context.count(`resolved-${resolution.ruleId}`);
  }
  if (suppressed > 0) context.count('suppressed', suppressed);
}

function alertRaised(orderNo: string, alert: Candidate): AlertRaised {
  const { ruleId, eventId, observed, expected, detectedAt } = alert;
  return {
    alertId: alertId(orderNo, ruleId, eventId),
    ruleId,
    orderNo,
    eventId,
    observed,
    expected,
    detectedAt,
    source: SOURCE,
  };
}

function alertResolved(orderNo: string, resolution: Resolution): AlertResolved {
  const { ruleId, eventId, observed, resolvedAt } = resolution;
  return {
    alertId: alertId(orderNo, ruleId, eventId),
    ruleId,
    orderNo,
    eventId,
    observed,
    resolvedAt,
    source: SOURCE,
  };
}
