import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Histogram } from 'prom-client';
import {
  openDatabase,
  prepareTables,
  startConsumerService,
  type ConsumerService,
  type Logger,
  type OwnSettings,
  type Settings,
} from '#kit';
import { allProjections, groupOf } from './all.ts';
import { offsetMigrations } from './offsets.ts';
import { project } from './project.ts';
import type { projectionVariables } from './settings.ts';

const WATCH_MS = 1000;
/** Each partition of each projection has at most one transaction at a time. */
const CONNECTIONS = 16;

/** Writes the read models: MySQL tables that follow from the topics. */
export function startProjections(
  settings: Settings,
  logger: Logger,
  { MYSQL_URL: url }: OwnSettings<typeof projectionVariables>,
): Promise<ConsumerService> {
  const database = openDatabase({ url, connections: CONNECTIONS });
  const projections = allProjections(settings);
  const records = new Counter({
    name: 'projection_records_total',
    help: 'Records that read models were brought up to date with',
    labelNames: ['projection'],
    registers: [],
  });
  const letters = new Counter({
    name: 'projection_dead_letters_total',
    help: 'Records that could not be read, or that the tables do not take',
    labelNames: ['projection'],
    registers: [],
  });
  const seconds = new Histogram({
    name: 'projection_batch_seconds',
    help: 'How long a batch took: one transaction each',
    labelNames: ['projection'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [],
  });
  const sleep = async (ms: number, signal: AbortSignal) => {
    await delay(ms, undefined, { signal }).catch(() => undefined);
  };

  const prepare = async (signal: AbortSignal): Promise<void> => {
    const report = (line: string): void => logger.info(line);
    const patience = { timeoutMs: Infinity, signal };
    await prepareTables(url, offsetMigrations, report, patience);
    for (const { migrations } of projections)
      await prepareTables(url, migrations, report, patience);
  };

  return startConsumerService({
    name: 'projections',
    settings,
    logger,
    prepare,
    consumers: projections.map((projection) => ({
      groupId: groupOf(projection.name),
      topics: projection.topics,
      written: [],
      consume: (tools) =>
        project(
          {
            projection,
            database,
            logger,
            watchMs: WATCH_MS,
            sleep,
            onBatch: (count, dead, ms) => {
              const labels = { projection: projection.name };
              records.inc(labels, count);
              letters.inc(labels, dead);
              seconds.observe(labels, ms / 1000);
            },
          },
          tools,
        ),
    })),
    health: async () => ({ database: await database.health() }),
    metrics: (registry) => {
      for (const metric of [records, letters, seconds]) registry.registerMetric(metric);
    },
    release: () => database.close(),
  });
}
