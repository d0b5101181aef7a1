import { setTimeout as delay } from 'node:timers/promises';
import {
  INDEX_NAMES,
  openSearchClient,
  startConsumerService,
  type Components,
  type ConsumerService,
  type Logger,
  type OwnSettings,
  type SearchClient,
  type Settings,
} from '#kit';
import { forbidAutoCreation, indexSet, isCurrent, maybeCreateIndex } from './index-set.ts';
import { indexPartition } from './index-partition.ts';
import { indexerMetrics } from './metrics.ts';
import { projectionsFor } from './projections.ts';
import type { indexerVariables } from './settings.ts';

/** Of one bulk request; longer than the engine takes for one, short enough that a hanging one is noticed. */
const TIMEOUT_MS = 30_000;
const HEALTH_TIMEOUT_MS = 1000;
const PAUSE_MS = 1000;

/** Keeps the search indices up to date: a consumer group for each, so that they go on by themselves. */
export async function startSearchIndexer(
  settings: Settings,
  logger: Logger,
  own: OwnSettings<typeof indexerVariables>,
): Promise<ConsumerService> {
  const client = await openSearchClient(own.ELASTICSEARCH_URL, { timeoutMs: TIMEOUT_MS });
  const metrics = indexerMetrics();
  const projections = projectionsFor(settings);
  return startConsumerService({
    name: 'search-indexer',
    settings,
    logger,
    consumers: INDEX_NAMES.map((name) => {
      const projection = projections[name];
      return {
        groupId: `search-${name}`,
        topics: projection.sources.map(({ topic }) => topic),
        written: [],
        consume: (tools) => indexPartition({ client, projection, metrics, logger }, tools),
      };
    }),
    health: () => elasticsearchHealth(client, own.ELASTICSEARCH_URL),
    metrics: (registry) => metrics.register(registry),
    prepare: (signal) => prepareIndices(client, logger, signal),
    release: () => client.close(),
  });

  async function prepareIndices(
    search: SearchClient,
    log: Logger,
    signal: AbortSignal,
  ): Promise<void> {
    let told = '';
    while (!signal.aborted) {
      try {
        await forbidAutoCreation(search);
        for (const name of INDEX_NAMES) await prepareIndex(search, name, log);
        return;
      } catch (error) {
        const { message } = error as Error;
        if (message !== told) log.warn({ error }, `waiting for the search indices: ${message}`);
        told = message;
        await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function prepareIndex(
    search: SearchClient,
    name: (typeof INDEX_NAMES)[number],
    log: Logger,
  ): Promise<void> {
    const definition = projections[name].index;
    const command = `services/search-indexer/rebuild-main.ts ${name}`;
    if (await maybeCreateIndex(search, definition)) {
      log.info({ index: name, command }, 'made the index; the command fills it with older events');
      return;
    }
    const { live } = await indexSet(search, definition);
    if (live !== undefined && !isCurrent(definition, live))
      log.warn({ index: live, command }, 'the index has an older mapping; the command renews it');
  }
}

async function elasticsearchHealth(client: SearchClient, url: string): Promise<Components> {
  try {
    const { status } = await client.cluster.health({}, { requestTimeout: HEALTH_TIMEOUT_MS });
    // Red: a part of some index is away.
    const isUp = status !== 'RED' && status !== 'red';
    return { elasticsearch: { status: isUp ? 'UP' : 'DOWN', details: { cluster: status } } };
  } catch (error) {
    const reason = `${url}: ${(error as Error).message}`;
    return { elasticsearch: { status: 'DOWN', details: { reason } } };
  }
}
