import {
  createPublisher,
  openDatabase,
  patiently,
  prepareTables,
  provisionTopics,
  registerSchemas,
  startHttpService,
  type HttpService,
  type Logger,
  type OwnSettings,
  type Settings,
} from '#kit';
import { SchemaRegistry, topics } from '#schemas';
import { Accounts } from './accounts.ts';
import { accountApi } from './api.ts';
import { makeDemoAccounts } from './demo.ts';
import { TryLater } from './errors.ts';
import { accountMetrics } from './metrics.ts';
import { accountMigrations, mysqlAccounts } from './mysql-repository.ts';
import { PasswordHasher } from './password-hasher.ts';
import { AccountRelay } from './relay.ts';
import type { accountVariables } from './settings.ts';

const CONNECTIONS = 10;
const WRITTEN = [topics.accountEvent];

/** Sign-up, credentials and roles: asked over HTTP, and told to the others as `account-events`. */
export function startAccountService(
  settings: Settings,
  logger: Logger,
  own: OwnSettings<typeof accountVariables>,
): Promise<HttpService> {
  const metrics = accountMetrics();
  const database = openDatabase({ url: own.MYSQL_URL, connections: CONNECTIONS });
  const repository = mysqlAccounts(database);
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const publisher = createPublisher({
    kafka: settings.kafka,
    schemas,
    clientId: 'account',
    logger,
  });
  const relay = new AccountRelay({ repository, publisher, logger });
  const hasher = new PasswordHasher({ onHashed: (seconds) => metrics.hashed(seconds) });
  const accounts = new Accounts({
    repository,
    hasher,
    metrics,
    onChange: () => relay.wake(),
    now: Date.now,
  });
  return startHttpService({
    name: 'account',
    settings,
    logger,
    routes: (http) => http.route('/', accountApi({ accounts, logger })),
    metrics: (registry) => metrics.register(registry, () => repository.countUnpublished()),
    health: async () => {
      const [mysql, kafka] = await Promise.all([database.health(), relay.health()]);
      return { mysql, kafka };
    },
    // Without Kafka, changes are taken all the same.
    ready: async () => (await database.health()).status === 'UP',
    prepare: async ({ report, patience }) => {
      await prepareTables(own.MYSQL_URL, accountMigrations, report, patience);
      await hasher.warmUp();
      if (!own.DEMO_ACCOUNTS) return;
      const isFinal = (error: unknown): boolean => !(error instanceof TryLater);
      await patiently('the demo accounts', report, patience, isFinal, () =>
        makeDemoAccounts(accounts, own.DEMO_PASSWORD),
      );
    },
    run: async ({ report, patience }) => {
      await provisionTopics(settings, WRITTEN, 'as found', report, patience);
      await registerSchemas(schemas, WRITTEN, report, patience);
      await relay.run(patience.signal);
    },
    release: async () => {
      await publisher.close();
      await database.close();
    },
  });
}
