/** One of the project's own processes. */
export interface ServiceDefinition {
  name: string;
  /** The file that runs it, from the checkout's folder. */
  main: string;
  /** The HTTP port it gets when that is free. */
  preferredPort: number;
  /** Settings that say where others are. @param urlOf a service's HTTP address, by its name */
  env?: (urlOf: (service: string) => string) => Record<string, string>;
}

/** What `npm start` starts, side by side; it is stopped the other way round. */
export const services: readonly ServiceDefinition[] = [
  { name: 'kafka-alert', main: 'services/kafka-alert/main.ts', preferredPort: 18090 },
  { name: 'storage', main: 'services/storage/main.ts', preferredPort: 18091 },
  { name: 'order', main: 'services/order/main.ts', preferredPort: 18092 },
  { name: 'slo', main: 'services/slo/main.ts', preferredPort: 18093 },
  {
    name: 'payment',
    main: 'services/payment/main.ts',
    preferredPort: 18094,
    env: (urlOf) => ({ PAYPAY_URL: urlOf('paypay-sandbox') }),
  },
  {
    name: 'paypay-sandbox',
    main: 'services/paypay-sandbox/main.ts',
    preferredPort: 18095,
    env: (urlOf) => ({ PAYPAY_WEBHOOK_URL: `${urlOf('bff')}/webhooks/paypay` }),
  },
  { name: 'projections', main: 'services/projections/main.ts', preferredPort: 18096 },
  { name: 'search-indexer', main: 'services/search-indexer/main.ts', preferredPort: 18098 },
  {
    name: 'account',
    main: 'services/account/main.ts',
    preferredPort: 18097,
    env: () => ({ DEMO_ACCOUNTS: 'on' }),
  },
  {
    name: 'bff',
    main: 'bff/main.ts',
    preferredPort: 18080,
    env: (urlOf) => ({
      ACCOUNT_URL: urlOf('account'),
      PAYMENT_URL: urlOf('payment'),
      PAYPAY_URL: urlOf('paypay-sandbox'),
      ALERT_URL: urlOf('kafka-alert'),
      SLO_URL: urlOf('slo'),
      SERVICE_URLS: ['kafka-alert', 'order', 'storage', 'slo']
        .map((name) => `${name}=${urlOf(name)}`)
        .join(','),
    }),
  },
];

/** What is run once they are up, each time: it changes only what is not there yet. */
export const setup: readonly { name: string; main: string }[] = [
  { name: 'catalogue', main: 'services/catalogue/main.ts' },
];
