import type { OrderSagaSettings } from './decide.ts';

export const defaultOrderSagaSettings: Omit<OrderSagaSettings, 'now'> = {
  firstPollMs: 30_000,
  longestPollMs: 300_000,
  retentionMs: 30 * 24 * 3_600_000,
};
