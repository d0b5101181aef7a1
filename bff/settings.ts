import { sourceList, variables } from '#kit';

const { connectionUrl, flag, httpUrl, oneOf, text, whole } = variables;

const MODES = ['production', 'development'] as const;

/** What the BFF is set to besides the settings of all. */
export const bffVariables = {
  REDIS_URL: connectionUrl('redis').prefault('redis://127.0.0.1:16379'),
  MYSQL_URL: connectionUrl('mysql').prefault('mysql://shop:shop@127.0.0.1:13306/shop'),
  ELASTICSEARCH_URL: httpUrl().prefault('http://127.0.0.1:19200'),
  ACCOUNT_URL: httpUrl().prefault('http://127.0.0.1:18097'),
  PAYMENT_URL: httpUrl().prefault('http://127.0.0.1:18094'),
  ALERT_URL: httpUrl().prefault('http://127.0.0.1:18090'),
  SLO_URL: httpUrl().prefault('http://127.0.0.1:18093'),
  /** The services that the operators' overview tells of. */
  SERVICE_URLS: text('name=address, several separated by commas', parseServices).prefault(
    'kafka-alert=http://127.0.0.1:18090,order=http://127.0.0.1:18092',
  ),
  /** Where pages come from; default: wherever the BFF itself is asked. */
  PUBLIC_ORIGINS: text('origins such as https://shop.example, separated by commas', (value) =>
    list(value).map(parseOrigin),
  ).optional(),
  /** Signs what opens a WebSocket; all instances have the same. */
  CHANNEL_SECRET: text('at least 32 characters', (value) => {
    if (value.length < 32) throw new Error('is too short');
    return value;
  }).optional(),
  /** Not `MODE`: build tools set that for their children. */
  BFF_MODE: text(`one of ${MODES.join(', ')}`, oneOf(MODES)).prefault('development'),
  /** The provider's sandbox, shown to shoppers in development. */
  PAYPAY_URL: httpUrl().optional(),
  /** Whether the session's cookie is for HTTPS only; default: in production. */
  COOKIE_SECURE: flag().optional(),
  PAYPAY_WEBHOOK_SOURCES: text('addresses and networks, separated by commas', (value) =>
    sourceList(list(value)),
  ).prefault('127.0.0.1,::1'),
  /** For each e-mail address; ten times as many for each address of the network. */
  SIGN_INS_PER_MINUTE: whole(1, 1e6, 'attempts, such as 10').prefault('10'),
  /** For each account. */
  ORDERS_PER_MINUTE: whole(1, 1e6, 'orders, such as 60').prefault('60'),
  /** How often the orders that somebody looks at are read again. */
  LIVE_POLL_MS: whole(100, 3_600_000, 'milliseconds, such as 5000').prefault('5000'),
  /** After which time without a result the provider is asked for it. */
  PAYMENT_OVERDUE_MS: whole(100, 3_600_000, 'milliseconds, such as 15000').prefault('15000'),
};

export interface ServiceAddress {
  readonly name: string;
  readonly url: string;
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function parseServices(value: string): ServiceAddress[] {
  return list(value).map((each) => {
    const at = each.indexOf('=');
    const url = each.slice(at + 1);
    if (at < 1 || URL.parse(url) === null)
      throw new Error(`has "${each}", which is not name=address`);
    return { name: each.slice(0, at), url };
  });
}

function parseOrigin(value: string): string {
  const url = URL.parse(value);
  if (!url || url.origin !== value) throw new Error(`has "${value}", which is no origin`);
  return value;
}
