import { setTimeout as delay } from 'node:timers/promises';
import {
  deadLetter,
  keyedWork,
  type ConsumePartition,
  type ConsumerTools,
  type Logger,
} from '#kit';
import { topics, type AvroTopic, type PaymentCommand } from '#schemas';
import { carryOut, createFailed, type CommandResult } from './commands.ts';
import type { PaymentMetrics } from './metrics.ts';
import type { PayPayClient } from './paypay/client.ts';
import { PayPayUnavailable } from './paypay/errors.ts';

export interface PaymentWorkerOptions {
  readonly paypay: PayPayClient;
  readonly observedTopic: AvroTopic<unknown>;
  /** An order is not kept waiting for a payment to be created for longer than this, ms. */
  readonly giveUpCreateMs: number;
  readonly concurrency: number;
  readonly metrics: PaymentMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Between rounds of tries while the provider is away; by chance up to half more. */
const ROUND_PAUSE_MS = 1000;

/** Carries out `payment-commands`, those of one order one after the other, and tells what came of it. */
export function paymentWorker(
  options: PaymentWorkerOptions,
  { transactions, schemas, groupId }: ConsumerTools,
): ConsumePartition {
  const { paypay, observedTopic, giveUpCreateMs, metrics, logger, now } = options;
  const events = schemas.serde(topics.paymentEvent);
  const observed = schemas.serde(observedTopic);

  const insist = async (
    command: PaymentCommand,
    signal: AbortSignal,
    log: Logger,
  ): Promise<CommandResult> => {
    for (let round = 1; ; round++) {
      try {
        return await carryOut(command, { paypay, now, signal });
      } catch (error) {
        if (!(error instanceof PayPayUnavailable) || signal.aborted) throw error;
        const waited = now() - command.requestedAt;
        if (command.type === 'CREATE' && waited > giveUpCreateMs)
          return createFailed(command, 'the payment provider could not be reached', now());
        if (round === 1)
          log.warn({ error }, `the payment provider is waited for: ${error.message}`);
        const pauseMs = Math.max(error.retryAfterMs ?? 0, ROUND_PAUSE_MS * (1 + Math.random() / 2));
        await delay(pauseMs, undefined, { signal });
      }
    }
  };

  return keyedWork({
    transactions,
    concurrency: options.concurrency,
    handle: async (record, signal) => {
      const command = record.value as PaymentCommand;
      const { orderNo, type, commandId } = command;
      const correlationId = record.headers['correlation-id'];
      const log = logger.child({ orderNo, command: type, commandId, correlationId });
      const { headers } = record.raw;
      try {
        const { event, observations } = await insist(command, signal, log);
        metrics.command(command, event?.type ?? 'OBSERVED', observations.length);
        log.info({ outcome: event?.type, observed: observations.map((o) => o.eventId) }, 'done');
        const key = record.raw.key;
        return [
          ...observations.map((value) => ({
            topic: observedTopic.name,
            key,
            value: observed.encode(value),
            headers,
          })),
          ...(event
            ? [{ topic: topics.paymentEvent.name, key, value: events.encode(event), headers }]
            : []),
        ];
      } catch (error) {
        if (signal.aborted || error instanceof PayPayUnavailable) throw error;
        log.error({ error }, 'the command can not be carried out; it is a dead letter now');
        metrics.command(command, 'DEAD_LETTER', 0);
        return [deadLetter(record, 'process', error, groupId)];
      }
    },
  });
}
