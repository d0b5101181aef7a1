/**
 * Writes events into indices: at least once, and each event counts once.
 *
 * W1. A document is never replaced by an older one. Where an event tells the whole document, its version is the document's
 *     version at the engine, which keeps the higher one. Where several kinds of events make up a document, it is read, joined
 *     with what they say, and written if it is still the one that was read; else again. (A script at the engine would spare
 *     the reading, but scripting is a module that is not always there; and a part in a document of its own can't be
 *     searched together with the others.)
 * W2. Events of a document that came together are written as one. When that is refused for good, each is tried by itself:
 *     what becomes of an event does not depend on which others it came with.
 * W3. Nothing is left out silently: an event is in every index, or is returned as refused, or the call throws.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ConsumedRecord, SearchClient } from '#kit';
import { bulk, BulkFailed, type BulkItem, type ItemOutcome } from './bulk.ts';
import type { IndexerMetrics } from './metrics.ts';
import type { Change, Projection } from './projection.ts';

/** An event that can be in no index, and why. */
export interface Refusal {
  readonly record: ConsumedRecord;
  readonly reason: string;
}

export interface IndexWriterOptions {
  readonly client: SearchClient;
  readonly projection: Projection;
  readonly metrics: IndexerMetrics;
}

type Event = Change & { readonly record: ConsumedRecord };

/** Events of one document that are written as one. */
interface Unit {
  readonly id: string;
  readonly events: readonly Event[];
  /** The indices that have it. */
  readonly done: Set<string>;
}

/** As many at once as make a request worth it and small. */
const MOST_ITEMS = 1000;

export class IndexWriter {
  readonly #client: SearchClient;
  readonly #projection: Projection;
  readonly #metrics: IndexerMetrics;
  readonly #sources: ReadonlyMap<string, Projection['sources'][number]>;

  constructor({ client, projection, metrics }: IndexWriterOptions) {
    this.#client = client;
    this.#projection = projection;
    this.#metrics = metrics;
    this.#sources = new Map(projection.sources.map((source) => [source.topic.name, source]));
  }

  /**
   * Writes records into all indices that `targets` names; it is asked after the records are there, and again before each
   * further attempt.
   *
   * @returns what was refused for good
   * @throws what trying again later may mend; it is safe to call again with the same records
   */
  async write(
    records: readonly ConsumedRecord[],
    targets: () => Promise<readonly string[]>,
    signal: AbortSignal,
  ): Promise<Refusal[]> {
    const refusals: Refusal[] = [];
    let open = this.#units(records);
    while (open.length > 0) {
      signal.throwIfAborted();
      const indices = await targets();
      // One unit of a document at a time: the others wait for it.
      const now = [...new Map(open.toReversed().map((unit) => [unit.id, unit])).values()];
      const later: Unit[] = [];
      for (let at = 0; at < now.length; at += MOST_ITEMS)
        later.push(
          ...(await this.#attempt(now.slice(at, at + MOST_ITEMS), indices, refusals, signal)),
        );
      const taken = new Set(now);
      open = [...later, ...open.filter((unit) => !taken.has(unit))];
    }
    return refusals;
  }

  #units(records: readonly ConsumedRecord[]): Unit[] {
    const events = records.flatMap((record): Event[] => {
      const change = this.#sources.get(record.topic)?.changeOf(record.value);
      if (!change) this.#count('ignored', 1);
      return change ? [{ ...change, record }] : [];
    });
    return [...Map.groupBy(events, ({ id }) => id)].map(([id, own]) => unitOf(id, own));
  }

  /** @returns what is to be attempted again */
  async #attempt(
    units: readonly Unit[],
    indices: readonly string[],
    refusals: Refusal[],
    signal: AbortSignal,
  ): Promise<Unit[]> {
    const refused = new Map<Unit, string>();
    for (const index of indices) {
      const missing = units.filter((unit) => !unit.done.has(index) && !refused.has(unit));
      const outcomes = this.#projection.join
        ? await this.#writeJoined(index, missing, signal)
        : await this.#writeVersioned(index, missing, signal);
      for (const [unit, outcome] of outcomes) {
        if (outcome === 'done') unit.done.add(index);
        else if (outcome !== 'again') refused.set(unit, outcome.refused);
      }
    }
    const again: Unit[] = [];
    for (const unit of units) {
      const reason = refused.get(unit);
      if (reason === undefined) {
        if (!indices.every((index) => unit.done.has(index))) again.push(unit);
      } else if (unit.events.length === 1) {
        refusals.push({ record: unit.events[0]!.record, reason });
        this.#count('refused', 1);
      } else again.push(...unit.events.map((event) => unitOf(unit.id, [event])));
    }
    return again;
  }

  async #writeVersioned(
    index: string,
    units: readonly Unit[],
    signal: AbortSignal,
  ): Promise<Map<Unit, UnitOutcome>> {
    const items = units.map(({ id, events }): BulkItem => {
      const { version = 0, document } = events.reduce((a, b) =>
        (b.version ?? 0) > (a.version ?? 0) ? b : a,
      );
      const action = { _index: index, _id: id, version, version_type: 'external' } as const;
      return { action: { index: action }, document };
    });
    const outcomes = await this.#bulk(items, signal);
    return new Map(
      units.map((unit, i) => {
        const outcome = outcomes[i]!;
        // The engine has this version already, or a newer one.
        return [unit, outcome === 'conflict' ? 'done' : unitOutcome(outcome)];
      }),
    );
  }

  async #writeJoined(
    index: string,
    units: readonly Unit[],
    signal: AbortSignal,
  ): Promise<Map<Unit, UnitOutcome>> {
    if (units.length === 0) return new Map();
    const join = (a: object, b: object): object => this.#projection.join!(a, b);
    const answer = await this.#client.mget<object>(
      { index, ids: units.map(({ id }) => id) },
      { signal },
    );
    const result = new Map<Unit, UnitOutcome>();
    const written: Unit[] = [];
    const items: BulkItem[] = [];
    for (const [i, unit] of units.entries()) {
      const kept = answer.docs[i]!;
      const known = unit.events.map(({ document }) => document).reduce(join);
      if ('error' in kept) {
        if (kept.error.type !== 'index_not_found_exception')
          throw new BulkFailed(`${index}/${unit.id} can't be read: ${kept.error.reason ?? ''}`);
        result.set(unit, 'again');
        continue;
      }
      const found = 'found' in kept && kept.found ? kept : undefined;
      const document = found?._source ? join(found._source, known) : known;
      if (found && isDeepStrictEqual(document, found._source)) {
        result.set(unit, 'done');
        this.#count('unchanged', 1);
        continue;
      }
      const action = { _index: index, _id: unit.id };
      written.push(unit);
      items.push({
        action: found
          ? {
              index: {
                ...action,
                if_seq_no: found._seq_no!,
                if_primary_term: found._primary_term!,
              },
            }
          : { create: action },
        document,
      });
    }
    const outcomes = await this.#bulk(items, signal);
    for (const [i, unit] of written.entries()) result.set(unit, unitOutcome(outcomes[i]!));
    return result;
  }

  async #bulk(items: readonly BulkItem[], signal: AbortSignal): Promise<ItemOutcome[]> {
    const { alias } = this.#projection.index;
    const outcomes = await this.#metrics.timed(alias, () => bulk(this.#client, items, signal));
    for (const outcome of outcomes)
      if (typeof outcome === 'string')
        this.#count(outcome === 'conflict' ? 'conflict' : outcome, 1);
    return outcomes;
  }

  #count(outcome: string, count: number): void {
    this.#metrics.documents(this.#projection.index.alias, outcome, count);
  }
}

type UnitOutcome = 'done' | 'again' | { readonly refused: string };

function unitOf(id: string, events: readonly Event[]): Unit {
  return { id, events, done: new Set() };
}

function unitOutcome(outcome: ItemOutcome): UnitOutcome {
  if (outcome === 'written') return 'done';
  return typeof outcome === 'string' ? 'again' : outcome;
}
