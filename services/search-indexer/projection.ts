import type { IndexDefinition } from '#kit';
import type { AvroTopic } from '#schemas';

/** What an event says about one document. */
export interface Change<D = object> {
  readonly id: string;
  /** The document as far as this event knows it. */
  readonly document: D;
  /** For documents that one event tells in whole: a lower version is older. */
  readonly version?: number;
}

/** A topic with what its events mean for documents; undefined: nothing. */
export interface Source<D = object> {
  readonly topic: AvroTopic<unknown>;
  changeOf(value: unknown): Change<D> | undefined;
}

/** How the events of some topics become the documents of an index. */
export interface Projection<D = object> {
  readonly index: IndexDefinition;
  readonly sources: readonly Source<D>[];
  /**
   * For documents that several kinds of events tell together: both in one. It forgets nothing newer, and neither order nor
   * repetition makes a difference. Without it an event tells the whole document, and has a version.
   */
  join?(a: D, b: D): D;
}

/** @example source(topics.productEvent, productChange) */
export function source<V, D>(
  topic: AvroTopic<V>,
  changeOf: (value: V) => Change<D> | undefined,
): Source<D> {
  return { topic, changeOf: (value) => changeOf(value as V) };
}

/**
 * The one that counts: the later one, and where both are of the same time, the one that is further on. What is left equal is
 * decided by the words themselves, so that it is the same one for everybody.
 */
export function latest<P extends object>(
  a: P | undefined,
  b: P | undefined,
  timeOf: (part: P) => number,
  rankOf: (part: P) => number = () => 0,
): P | undefined {
  if (!a || !b) return a ?? b;
  const [x, y] = [JSON.stringify(ordered(a)), JSON.stringify(ordered(b))];
  const difference = timeOf(a) - timeOf(b) || rankOf(a) - rankOf(b) || (x < y ? -1 : 1);
  return difference > 0 ? a : b;
}

/** As `latest`, the first one. */
export function earliest<P extends object>(
  a: P | undefined,
  b: P | undefined,
  timeOf: (part: P) => number,
): P | undefined {
  return latest(a, b, (part) => -timeOf(part));
}

/** What the engine hands back has its fields in the order of writing; ours may be written by an older version. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, each]) => [name, ordered(each)]));
}
