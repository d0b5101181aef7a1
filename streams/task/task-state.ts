import { StreamsException } from '../errors.ts';
import { changelogTopic } from '../graph/topology.ts';
import { NO_HEADERS } from '../processor/record.ts';
import { META_COLUMN, type Batch, type StateBackend } from '../state/backend.ts';
import type { CommittedStore } from '../state/committed-store.ts';
import { KeyedState, storeColumn, type StateChange } from '../state/keyed-state.ts';
import { LAYOUT_KEY, encodeLayout } from '../state/layout.ts';
import type { ChangelogEnds, OutputRecord } from './commit.ts';
import { StoreLayoutMark } from './store-layout-mark.ts';
import {
  keyCodecOf,
  stateSerdeOf,
  timersOf,
  type StoresOf,
  type StoreTimers,
} from './store-parts.ts';

export { stateColumns } from './store-parts.ts';

interface Changelog {
  readonly topic: string;
  readonly store: string;
  readonly state: KeyedState<unknown, unknown>;
  readonly layout: StoreLayoutMark;
}

/**
 * All stores of a task, and how far local state stands: per changelog the offset behind the last record it has.
 *
 * The checkpoint is in the same atomic batch as the state it speaks of. So after a crash at any point only the changelog's
 * records from the checkpoint on are missing, and nothing uncommitted is there.
 */
export class TaskState {
  readonly #applicationId: string;
  readonly #backend: StateBackend;
  readonly #stores = new Map<string, KeyedState<unknown, unknown>>();
  readonly #changelogs = new Map<string, Changelog>();
  readonly states: readonly KeyedState<unknown, unknown>[];

  /** @throws {StreamsException} when local state was written by an incompatible topology */
  constructor(topology: StoresOf, applicationId: string, backend: StateBackend, cacheSize: number) {
    this.#applicationId = applicationId;
    this.#backend = backend;
    for (const definition of topology.stores) {
      const { name } = definition;
      const timers = timersOf(definition, topology.processors);
      const serde = stateSerdeOf(definition);
      const topic = changelogTopic(applicationId, name);
      const layout = new StoreLayoutMark(backend, topic, definition, serde);
      const keys = keyCodecOf(definition);
      const parts = { store: name, serde, keys, cacheSize };
      const state = new KeyedState(backend, timers ? { ...parts, timers } : parts);
      this.#stores.set(name, state);
      this.#changelogs.set(topic, { topic, store: name, state, layout });
      if (timers) this.#checkTimers(timers, state);
    }
    this.#forgetOldTimers(topology);
    this.states = [...this.#stores.values()];
  }

  hasStore(name: string): boolean {
    return this.#stores.has(name);
  }

  store(name: string): KeyedState<unknown, unknown> {
    return this.#stores.get(name)!;
  }

  /** What queries see of a store; undefined when there is none of that name. */
  committed(store: string): CommittedStore | undefined {
    if (!this.hasStore(store)) return undefined;
    const column = storeColumn(store);
    return {
      position: this.checkpoint(changelogTopic(this.#applicationId, store)) ?? 0,
      get: (key) => this.#backend.getMany(column, [key])[0],
      scan: (from, limit) => this.#backend.scan(column, from, limit),
    };
  }

  /** The changelog topics, and whose they are. */
  get changelogs(): readonly { readonly topic: string; readonly store: string }[] {
    return [...this.#changelogs.values()];
  }

  /** Timers in memory: all there are, up to some ten thousand a store. */
  get timers(): number {
    return this.states.reduce((sum, state) => sum + state.loadedTimers, 0);
  }

  get isChanged(): boolean {
    return this.states.some((state) => state.changedKeys > 0);
  }

  /** The changelog offset at which local state stands; undefined when there is none (a new disk). */
  checkpoint(changelog: string): number | undefined {
    const [bytes] = this.#backend.getMany(META_COLUMN, [checkpointKey(changelog)]);
    return bytes === undefined ? undefined : Number(bytes.readBigInt64BE(0));
  }

  /**
   * Applies changelog records, and stands at `end` afterwards.
   * @throws {StreamsException} when an incompatible topology has written them
   */
  restore(changelog: string, changes: readonly StateChange[], end: number): void {
    const { state, layout } = this.#changelog(changelog);
    const batch = this.#backend.batch();
    const states: StateChange[] = [];
    for (const change of changes) {
      if (!change.key.equals(LAYOUT_KEY)) states.push(change);
      else if (change.value) layout.restore(change.value, batch);
    }
    state.restore(states, batch);
    putCheckpoint(batch, changelog, end);
    batch.write();
  }

  /** Drops a store's local state, e.g. because its checkpoint is older than the changelog's start. */
  wipe(changelog: string): void {
    const { state, layout } = this.#changelog(changelog);
    // The checkpoint goes first: after a crash on the way it must not speak of state that is gone.
    this.#writeMeta((batch) => {
      batch.delete(META_COLUMN, checkpointKey(changelog));
      layout.forget(batch);
    });
    state.wipe();
  }

  /** The changes since the last commit as changelog records. */
  changelogRecords(partition: number): OutputRecord[] {
    const records: OutputRecord[] = [];
    for (const { topic, state, layout } of this.#changelogs.values()) {
      const changes = state.changes();
      const unwritten = changes.length > 0 ? layout.unwritten : undefined;
      const add = (key: Buffer, value: Buffer | null) =>
        records.push({ topic, partition, key, value, headers: NO_HEADERS });
      // Before the states, so that whoever reads them knows what they are.
      if (unwritten) add(LAYOUT_KEY, encodeLayout(unwritten));
      for (const { key, value } of changes) add(key, value);
    }
    return records;
  }

  /** The transaction is committed: makes the changes that `changelogRecords` returned local state. */
  commit(ends: ChangelogEnds): void {
    const batch = this.#backend.batch();
    for (const { state, layout } of this.#changelogs.values()) {
      if (state.changedKeys > 0) layout.write(batch);
      state.write(batch);
    }
    for (const [changelog, end] of ends) putCheckpoint(batch, changelog, end);
    batch.write();
    for (const state of this.states) state.committed();
  }

  #changelog(topic: string): Changelog {
    const changelog = this.#changelogs.get(topic);
    if (!changelog) throw new StreamsException(`'${topic}' is not a changelog of this task`);
    return changelog;
  }

  /** Timers that were derived under other settings are not this processor's. */
  #checkTimers({ owner, version }: StoreTimers, state: KeyedState<unknown, unknown>): void {
    const key = timerVersionKey(owner);
    const [known] = this.#backend.getMany(META_COLUMN, [key]);
    if (known?.toString() === version) return;
    // The old mark goes first: after a crash on the way, going back to the old settings must rebuild too.
    this.#writeMeta((batch) => batch.delete(META_COLUMN, key));
    state.rebuildTimers();
    this.#writeMeta((batch) => batch.put(META_COLUMN, key, Buffer.from(version)));
  }

  /** A processor that has no timers any more leaves an index behind that nobody keeps: should they come back, they are rebuilt. */
  #forgetOldTimers({ processors, stores }: StoresOf): void {
    const owners = new Set(stores.map((store) => timersOf(store, processors)?.owner));
    const keys = processors
      .filter(({ name }) => !owners.has(name))
      .map((p) => timerVersionKey(p.name));
    const left = this.#backend.getMany(META_COLUMN, keys);
    if (left.every((mark) => mark === undefined)) return;
    this.#writeMeta((batch) => {
      for (const key of keys) batch.delete(META_COLUMN, key);
    });
  }

  #writeMeta(add: (batch: Batch) => void): void {
    const batch = this.#backend.batch();
    add(batch);
    batch.write();
  }
}

function checkpointKey(changelog: string): Buffer {
  return Buffer.from(`checkpoint ${changelog}`);
}

function timerVersionKey(owner: string): Buffer {
  return Buffer.from(`timer-version ${owner}`);
}

function putCheckpoint(batch: Batch, changelog: string, end: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(end));
  batch.put(META_COLUMN, checkpointKey(changelog), bytes);
}
