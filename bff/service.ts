import { setTimeout as delay } from 'node:timers/promises';
import {
  createPublisher,
  openDatabase,
  openSearchClient,
  provisionTopics,
  registerSchemas,
  startHttpService,
  type HttpService,
  type Logger,
  type OwnSettings,
  type Settings,
} from '#kit';
import { SchemaRegistry, topics, type AvroTopic } from '#schemas';
import { accountClient } from './account-client.ts';
import { createApp } from './app.ts';
import { redisCache } from './cache/redis-cache.ts';
import { Carts } from './carts.ts';
import { channelSecret } from './channel-secret.ts';
import type { BffDeps } from './deps.ts';
import { Feed } from './live/feed.ts';
import { Hub } from './live/hub.ts';
import { LiveSockets } from './live/live-sockets.ts';
import { LivePoll } from './live/poll.ts';
import { upgradeHandler } from './live/upgrade.ts';
import { bffMetrics } from './metrics.ts';
import { FreshOrders } from './orders/fresh-orders.ts';
import { OrderDesk } from './orders/order-desk.ts';
import { ShopperOrders } from './orders/shopper-orders.ts';
import { alertBookOf } from './read/alert-book.ts';
import { catalogueOf } from './read/catalogue.ts';
import { orderBookOf } from './read/order-book.ts';
import { createPages } from './pages.ts';
import { numbersOf } from './read/overview.ts';
import { serviceMetrics } from './read/service-metrics.ts';
import { watchedOrders } from './read/watched-orders.ts';
import { Sessions } from './sessions.ts';
import type { bffVariables } from './settings.ts';
import { buildWeb } from './web/build.ts';

const CONNECTIONS = 20;
const WRITTEN = [topics.orderCommand, topics.paymentCommand, topics.alertAction];
const SEARCH_MS = 2000;
/** A request has to have come by then. */
const REQUEST_MS = 15_000;

/** What browsers talk to: the API, its WebSockets, and the provider's webhook. */
export async function startBff(
  settings: Settings,
  logger: Logger,
  own: OwnSettings<typeof bffVariables>,
): Promise<HttpService> {
  if (own.BFF_MODE === 'production' && own.CHANNEL_SECRET === undefined)
    throw new Error('CHANNEL_SECRET is missing: in production, give all instances the same one');
  const now = Date.now;
  const metrics = bffMetrics();
  const cache = redisCache({ url: own.REDIS_URL, logger });
  const database = openDatabase({ url: own.MYSQL_URL, connections: CONNECTIONS });
  const search = await openSearchClient(own.ELASTICSEARCH_URL, { timeoutMs: SEARCH_MS });
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const publisher = createPublisher({ kafka: settings.kafka, schemas, clientId: 'bff', logger });
  const { db } = database;
  const catalogue = catalogueOf(db, search);
  const book = orderBookOf(db);
  const carts = new Carts(cache);
  const fresh = new FreshOrders(cache, now);
  const deps: BffDeps = {
    cache,
    sessions: new Sessions(cache, now),
    carts,
    accounts: accountClient(own.ACCOUNT_URL),
    catalogue,
    desk: new OrderDesk({
      cache,
      catalogue,
      carts,
      fresh,
      publisher,
      logger,
      ordersPerMinute: own.ORDERS_PER_MINUTE,
      now,
      sleep: (ms) => delay(ms),
    }),
    orders: new ShopperOrders(book, fresh),
    book,
    alerts: alertBookOf(db),
    numbers: numbersOf(db),
    serviceMetrics: serviceMetrics(own.SERVICE_URLS, own.SLO_URL),
    watched: watchedOrders(own.ALERT_URL),
    publisher,
    channelSecret: channelSecret(cache, own.CHANNEL_SECRET),
    metrics,
    logger,
    now,
    options: {
      publicOrigins: own.PUBLIC_ORIGINS,
      isCookieSecure: own.COOKIE_SECURE ?? own.BFF_MODE === 'production',
      signInsPerMinute: own.SIGN_INS_PER_MINUTE,
      paymentUrl: own.PAYMENT_URL,
      webhookSources: own.PAYPAY_WEBHOOK_SOURCES,
    },
  };
  const app = createApp(deps);
  const { folder } = await buildWeb();
  const pages = await createPages({
    folder,
    api: (path, init, env) => app.request(path, init, env),
    now,
    sandboxUrl: own.BFF_MODE === 'development' ? (own.PAYPAY_URL ?? null) : null,
    report: (error) => logger.error({ error }, 'a page could not be made'),
  });
  app.route('/', pages);
  const hub = new Hub();
  const sockets = new LiveSockets({ metrics, now });
  const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    delay(ms, undefined, { signal }).catch(() => undefined);
  const feed = new Feed({ settings, schemas, hub, logger, sleep });
  const overdueMs = own.PAYMENT_OVERDUE_MS;
  const poll = new LivePoll({ hub, book, cache, publisher, metrics, overdueMs, now, logger });
  return startHttpService({
    name: 'bff',
    settings,
    logger,
    routes: (http) => http.route('/', app),
    metrics: (registry) => metrics.register(registry),
    listening: (server) => {
      server.requestTimeout = REQUEST_MS;
      server.headersTimeout = REQUEST_MS;
      server.on('upgrade', upgradeHandler({ deps, hub, sockets }));
    },
    health: async () => {
      const [redis, mysql] = await Promise.all([cache.health(), database.health()]);
      return { redis, mysql, kafka: feed.health() };
    },
    // Without Kafka, all that is read is answered.
    ready: async () => (await cache.health()).status === 'UP',
    run: async ({ report, patience }) => {
      const { signal } = patience;
      const follows = async (): Promise<void> => {
        // One of them is both.
        const used = [...new Set<AvroTopic<unknown>>([...WRITTEN, ...feed.followed])];
        await provisionTopics(settings, used, 'as found', report, patience);
        await registerSchemas(schemas, WRITTEN, report, patience);
        await feed.run(signal);
      };
      await Promise.all([follows(), poll.run(own.LIVE_POLL_MS, sleep, signal)]);
    },
    closing: () => sockets.close(),
    release: async () => {
      await publisher.close();
      cache.close();
      await search.close();
      await database.close();
    },
  });
}
