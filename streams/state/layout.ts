import { StreamsException } from '../errors.ts';
import type { StoreDefinition } from '../graph/topology.ts';
import type { Serde } from '../serde/serde.ts';

/**
 * What the bytes of a store are, so that a start with a topology that would misread them is refused.
 *
 * It is kept where the bytes are: as a record of the changelog under a reserved key, written with the first change, and with
 * the checkpoint in local state. So a restore meets it before the states, on a new disk too, without a second place that
 * could disagree, or a request more at the start. Compaction keeps the record like any other. Timers are not in it: they
 * are derived, and derived anew when their version changes. Neither is the number of partitions: the changelog has it.
 */
export interface StoreLayout {
  readonly kind: StoreDefinition['kind'];
  readonly windowMs: number | null;
  /** The formats that its keys and values may be in, oldest first; empty when the serde doesn't say. */
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** No UTF-8 text has a byte 0xff, so no string is this key. */
export const LAYOUT_KEY = Buffer.from('\xffstreams-store-layout', 'latin1');

const VERSION = 1;

/** The layout of a store as this topology writes it. @param serde that of its states as stored */
export function layoutOf(definition: StoreDefinition, serde: Serde<unknown>): StoreLayout {
  return {
    kind: definition.kind,
    windowMs: definition.windowMs ?? null,
    keys: formats(definition.key ?? { format: 'utf-8' }),
    values: formats(serde),
  };
}

/**
 * The layout of what was written as `found` once `own` is written too.
 * @throws {StreamsException} when a topology with `own` can't read what was written as `found`
 */
export function mergedLayout(
  changelog: string,
  found: StoreLayout,
  own: StoreLayout,
  reads: { readonly keys: readonly string[]; readonly values: readonly string[] },
): StoreLayout {
  const faults = [
    ...(found.kind === own.kind
      ? []
      : [`it was a ${found.kind} store, and is a ${own.kind} store`]),
    ...(found.windowMs === own.windowMs
      ? []
      : [`its windows were ${found.windowMs} ms, and are ${own.windowMs} ms`]),
    ...unread('keys', found.keys, own.keys, reads.keys),
    ...unread('values', found.values, own.values, reads.values),
  ];
  if (faults.length > 0) {
    throw new StreamsException(
      `'${changelog}' was written by an incompatible topology: ${faults.join('; ')}. Name the store anew, or read the old ` +
        `format too (a serde's 'reads'), or reset it: delete that topic and the local state`,
    );
  }
  const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  return { ...own, keys: union(found.keys, own.keys), values: union(found.values, own.values) };
}

export function encodeLayout(layout: StoreLayout): Buffer {
  return Buffer.from(JSON.stringify({ v: VERSION, ...layout }));
}

/** @throws {StreamsException} when it was written by a later version of the runtime */
export function decodeLayout(changelog: string, bytes: Buffer): StoreLayout {
  const { v, ...layout } = JSON.parse(bytes.toString()) as StoreLayout & { v: number };
  if (v === VERSION) return layout;
  throw new StreamsException(
    `the layout in '${changelog}' is of version ${v}, this runtime knows ${VERSION}: run a later one`,
  );
}

function formats({ format }: { readonly format?: string }): string[] {
  return format === undefined ? [] : [format];
}

function unread(
  what: string,
  found: readonly string[],
  own: readonly string[],
  reads: readonly string[],
): string[] {
  // A serde without a name for its format may read anything.
  if (own.length === 0) return [];
  return found
    .filter((format) => !own.includes(format) && !reads.includes(format))
    .map((format) => `its ${what} were '${format}', and are '${own.join()}'`);
}
