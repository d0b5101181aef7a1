import {
  isKeyed,
  type ProcessorNode,
  type StoreDefinition,
  type SubTopology,
} from '../graph/topology.ts';
import type { Windowed } from '../processor/windowed.ts';
import type { Serde } from '../serde/serde.ts';
import { keysOf, stringKeys, windowedKeys, type KeyCodec } from '../state/key-codec.ts';
import { storeColumn, timerColumn } from '../state/keyed-state.ts';
import { stampedSerde, type Stamped } from '../state/stamped.ts';

export type StoresOf = Pick<SubTopology, 'processors' | 'stores'>;

/** The timers that a store's entries have. */
export interface StoreTimers {
  /** Whose they are: names their column. */
  readonly owner: string;
  readonly version: string;
  at(state: unknown, key: unknown): number | null;
}

/** The columns a task's backend must have. */
export function stateColumns({ stores, processors }: StoresOf): string[] {
  return stores.flatMap((store) => {
    const timers = timersOf(store, processors);
    return timers
      ? [storeColumn(store.name), timerColumn(timers.owner)]
      : [storeColumn(store.name)];
  });
}

/** Who says when something is due for an entry of the store: its owner, or its retention. */
export function timersOf(
  store: StoreDefinition,
  processors: readonly ProcessorNode[],
): StoreTimers | undefined {
  for (const { name, processor } of processors) {
    if (isKeyed(processor)) {
      if (processor.store.name !== store.name || !processor.timer) continue;
      const at = processor.timer.bind(processor);
      return { owner: name, version: processor.timerVersion ?? '', at };
    }
    const { timers } = processor;
    if (timers?.store.name !== store.name) continue;
    const at: StoreTimers['at'] = (state, key) => timers.at(state as never, key as never);
    return { owner: name, version: timers.version ?? '', at };
  }
  const { retentionMs } = store;
  if (retentionMs === undefined) return undefined;
  return {
    // No processor has a name with a colon.
    owner: `retention:${store.name}`,
    version: String(retentionMs),
    at: (state, key) =>
      (store.kind === 'window'
        ? (key as Windowed<unknown>).window.start
        : (state as Stamped<unknown>).at) + retentionMs,
  };
}

export function keyCodecOf(store: StoreDefinition): KeyCodec<unknown> {
  const keys = recordKeysOf(store);
  return store.kind === 'window' ? windowedKeys(keys, store.windowMs!) : keys;
}

/** The keys of the records that the entries follow from: of a window store those without the window. */
export function recordKeysOf({ key }: StoreDefinition): KeyCodec<unknown> {
  return key ? keysOf(key) : stringKeys;
}

/** The serde of the states as they are stored. */
export function stateSerdeOf(store: StoreDefinition): Serde<unknown> {
  return isStamped(store) ? stampedSerde(store.serde) : store.serde;
}

/** Whether the runtime keeps with each state the time that its retention counts from. */
export function isStamped({ kind, retentionMs }: StoreDefinition): boolean {
  return kind === 'key-value' && retentionMs !== undefined;
}

/** What queries see of a state as it is stored. */
export function shownState(store: StoreDefinition, state: unknown): unknown {
  if (isStamped(store)) return (state as Stamped<unknown>).state;
  return store.show ? store.show(state) : state;
}
