/**
 * Builds an index anew beside the one that is searched, and switches to it.
 *
 * Nothing may be missing in the new one when it takes over, though events come in all the while. So:
 *
 * R1. The indexer looks up the alias's indices for each batch, after it has the batch in hand, and writes it to all of them.
 * R2. Where the topics end is asked after the new index was made.
 *
 * Then each event is in the new index by one of two ways. Either the indexer looked up the indices after the new one was made:
 * then it wrote the event there (R1). Or before: then the event was in its topic before the index was made, so before the
 * ends were asked for, and the rebuild reads it (R2). Where both happen, they leave the same document, in whatever order
 * (`index-writer.ts`, W1). The new index is therefore complete before the switch, at the switch and after it, and a rebuild that
 * is killed has spoilt nothing: it leaves an index that nobody searches, which the next one deletes when told to.
 *
 * A write that is under way to the old index when it is deleted answers "no such index", as no write makes one
 * (`forbidAutoCreation`); the indexer looks up again and goes on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumedRecord, ReadProgress, SearchClient } from '#kit';
import { createIndex, forbidAutoCreation, indexSet, nextIndex } from './index-set.ts';
import { IndexWriter } from './index-writer.ts';
import { indexerMetrics } from './metrics.ts';
import type { Projection } from './projection.ts';

export interface RebuildOptions {
  readonly client: SearchClient;
  readonly projection: Projection;
  /** Hands over what the topics hold, from their beginning to their end as of the call. */
  readonly read: (reader: EventReader) => Promise<void>;
  /** Another rebuild has left an index behind: delete it. */
  readonly replace: boolean;
  /** Switch although events were refused. */
  readonly acceptRefused: boolean;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface EventReader {
  readonly onRecords: (records: readonly ConsumedRecord[]) => Promise<void>;
  readonly onBad: (problem: string) => void;
  readonly onProgress: (progress: ReadProgress) => void;
}

export interface RebuildSummary {
  readonly index: string;
  /** Deleted. */
  readonly replaced: readonly string[];
  readonly events: number;
  readonly documents: number;
  /** Events that the engine refuses; the indexer has made dead letters of them. */
  readonly refused: number;
  /** Records that can't be read, likewise. */
  readonly unreadable: number;
  readonly tookMs: number;
}

/** It was not done, and what is searched is as before. */
export class RebuildRefused extends Error {
  override readonly name = 'RebuildRefused';
}

const TOLD = 10;
/** As long as the slowest search that somebody waits for. */
const SEARCHES_END_MS = 2000;

/**
 * @throws {RebuildRefused} when another rebuild is under way, or documents were refused
 * @throws what reading or writing fails with; the new index is deleted again
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildSummary> {
  const { client, projection, report, replace } = options;
  const { index: definition } = projection;
  const { alias } = definition;
  const startedAt = Date.now();
  await forbidAutoCreation(client);
  const before = await indexSet(client, definition);
  if (before.beside.length > 0 && !replace)
    throw new RebuildRefused(
      `${before.beside.join()} is there already: another rebuild is under way, or was killed. --replace deletes it`,
    );
  const name = nextIndex(definition, before);
  for (const left of before.beside) await client.indices.delete({ index: left });
  await createIndex(client, definition, name, { isLive: false });
  report(`${name} is filled; ${before.live ?? 'nothing'} is searched meanwhile`);

  let counts: Counts;
  try {
    counts = await fill(name, options);
    if (counts.refused > 0 && !options.acceptRefused)
      throw new RebuildRefused(
        `${counts.refused} events were refused: ${name} is deleted again. --accept-refused goes without them`,
      );
    await client.indices.refresh({ index: name });
  } catch (error) {
    // Only here: once switching was asked for, it may be the one that is searched.
    await client.indices.delete({ index: name, ignore_unavailable: true }).catch(() => {
      report(`${name} could not be deleted; the next rebuild does it with --replace`);
    });
    throw error;
  }
  // Asked again: where nothing was searched, an indexer that has started meanwhile has made an index.
  const { live } = await indexSet(client, definition);
  const replaced = live === undefined ? [] : [live];
  await client.indices.updateAliases({
    // Both at once, or nothing.
    actions: [
      ...replaced.map((index) => ({ remove: { index, alias } })),
      { add: { index: name, alias } },
    ],
  });
  report(`${name} is searched now`);
  if (live !== undefined) {
    // Searches that are under way have found the old index behind the alias; gone, it would fail them.
    await delay(SEARCHES_END_MS);
    await client.indices.delete({ index: live, ignore_unavailable: true });
  }
  const { count: documents } = await client.count({ index: name });
  return { index: name, replaced, documents, ...counts, tookMs: Date.now() - startedAt };
}

type Counts = Pick<RebuildSummary, 'events' | 'refused' | 'unreadable'>;

async function fill(name: string, options: RebuildOptions): Promise<Counts> {
  const { client, projection, report, signal } = options;
  const writer = new IndexWriter({ client, projection, metrics: indexerMetrics() });
  const targets = (): Promise<string[]> => Promise.resolve([name]);
  const counts = { events: 0, refused: 0, unreadable: 0 };
  let told = -1;
  await options.read({
    onRecords: async (records) => {
      const refusals = await writer.write(records, targets, signal);
      for (const { record, reason } of refusals)
        if (++counts.refused <= TOLD)
          report(`refused: ${record.topic}-${record.partition}@${record.offset}: ${reason}`);
      counts.events += records.length;
    },
    onBad: (problem) => {
      if (++counts.unreadable <= TOLD) report(`unreadable: ${problem}`);
    },
    onProgress: ({ done, total }) => {
      const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
      if (percent > told) report(`${percent} % of ${total} offsets`);
      told = Math.max(told, percent);
    },
  });
  return counts;
}
