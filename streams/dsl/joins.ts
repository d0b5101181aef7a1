import { TopologyError } from '../errors.ts';
import type { AnyRecord } from '../graph/topology.ts';
import type { StoreHandle } from '../processor/store.ts';
import type { Serde } from '../serde/serde.ts';
import { joinBufferSerde, type JoinBuffer } from './join-buffer.ts';
import {
  append,
  coPartitioned,
  processorNode,
  sameBuilder,
  statelessNode,
  storeName,
  type Lineage,
} from './lineage.ts';
import type { Repartitioned, StreamJoined } from './options.ts';
import { streamJoin, type AnyJoiner, type JoinKind, type Sided } from './stream-join.ts';
import { tableJoin } from './table-join.ts';
import type { JoinWindows } from './windows.ts';

/** Two streams into one processor that keeps what waits for a match, in the partitions of their keys. */
export function joinStreams<K, V, W, R>(
  kind: JoinKind,
  one: Lineage<K, V>,
  other: Lineage<K, W>,
  joiner: AnyJoiner,
  windows: JoinWindows,
  options: StreamJoined<V, W>,
): Lineage<K, R> {
  sameBuilder(kind, one.parts, other.parts);
  const store = storeName(one, kind, options.name);
  const value = serdeOf(kind, one, options.value, 'value');
  const otherValue = serdeOf(kind, other, options.otherValue, 'otherValue');
  const left = coPartitioned<K, V>(one, kind, { name: `${store.name}-left`, value });
  const right = coPartitioned<K, W>(other, kind, {
    name: `${store.name}-right`,
    value: otherValue,
  });

  const serde = joinBufferSerde(value, otherValue);
  const key = left.key as Serde<unknown> | undefined;
  const definition = { ...store, kind: 'key-value' as const, ...(key && { key }) };
  one.parts.stores.push({ ...definition, serde: serde });
  const handle: StoreHandle<JoinBuffer, unknown> = { name: store.name };
  const join = streamJoin(kind, handle, windows, joiner);
  const node = processorNode(store.name, kind, join, { onError: options.onError });

  const enter = (side: Lineage<K, unknown>, isLeft: boolean) => {
    const name = `${store.name}-${isLeft ? 'this' : 'other'}`;
    const sided = statelessNode(side, kind, name, true, (record, forward) => {
      const sidedValue: Sided = { isLeft, value: record.value };
      forward({ ...record, value: sidedValue });
    });
    return append<K, R>(append(side, sided, side), node, { ...side, value: undefined });
  };
  const joined = enter(left, true);
  enter(right, false);
  return joined;
}

/** A stream and the store of a table, in one task. */
export function joinTable<K, V, R>(
  kind: 'join' | 'left-join',
  stream: Lineage<K, V>,
  table: { readonly lineage: Lineage<K, unknown>; readonly store: StoreHandle<unknown, K> },
  joiner: AnyJoiner,
  options: Repartitioned<K, V>,
): Lineage<K, R> {
  sameBuilder(kind, stream.parts, table.lineage.parts);
  const operation = `table-${kind}`;
  const name = options.name ?? stream.parts.names.next(stream.root, operation);
  const lineage = coPartitioned(stream, operation, { ...options, name: `${name}-input` });
  const processor = tableJoin(kind, table.store, joiner);
  const readsAhead = { store: table.store.name, keys: (record: AnyRecord) => [record.key] };
  const node = processorNode(name, operation, processor, { onError: options.onError, readsAhead });
  return append<K, R>(lineage, node, { ...lineage, value: undefined });
}

function serdeOf<V>(
  kind: string,
  { root, value }: { readonly root: string; readonly value: Serde<V> | undefined },
  given: Serde<V> | undefined,
  option: string,
): Serde<V> {
  const serde = given ?? value;
  if (serde) return serde;
  throw new TopologyError(
    `${kind} keeps values of the stream from '${root}' whose serde is not known since they were mapped: give it, as ` +
      `{ ${option}: serde }`,
  );
}
