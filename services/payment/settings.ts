import { sourceList, variables } from '#kit';

const { httpUrl, text, whole, MAX_MS } = variables;

/** What the payment service is set to besides the settings of all; the defaults are those of the provider's sandbox here. */
export const paymentVariables = {
  PAYPAY_URL: httpUrl().prefault('http://127.0.0.1:18095'),
  PAYPAY_API_KEY: text('a key', String).prefault('sandbox-key'),
  PAYPAY_API_SECRET: text('a secret', String).prefault('sandbox-secret'),
  PAYPAY_MERCHANT_ID: text('an id', String).prefault('sandbox-merchant'),
  PAYPAY_TIMEOUT_MS: whole(1, 60_000, 'milliseconds, such as 5000').prefault('5000'),
  /** Addresses and networks that webhooks may come from. */
  PAYPAY_WEBHOOK_SOURCES: text('addresses and networks, separated by commas', (value) =>
    sourceList(value.split(',').map((each) => each.trim())),
  ).prefault('127.0.0.1,::1'),
  PAYMENT_GIVE_UP_MS: whole(1, MAX_MS, 'milliseconds, such as 300000').prefault('300000'),
  PAYMENT_CONCURRENCY: whole(1, 1000, 'calls at once per partition, such as 16').prefault('16'),
};
