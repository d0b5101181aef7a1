import { StreamsException } from '../errors.ts';
import { changelogTopic } from '../graph/topology.ts';
import { NO_HEADERS } from '../processor/record.ts';
import { META_COLUMN, type Batch, type StateBackend } from '../state/backend.ts';
import type { CommittedStore } from '../state/committed-store.ts';
import {
  KeyedState,
  storeColumn,
  type StateChange,
  type StateLimit,
} from '../state/keyed-state.ts';
import { LAYOUT_KEY, encodeLayout } from '../state/layout.ts';
import type { ChangelogEnds, OutputRecord } from './commit.ts';
import { NO_REFUSALS, type Refusals } from './refusals.ts';
import { ProduceError } from './sink.ts';
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
  /** Whose timers its entries have. */
  readonly owner: string | undefined;
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
  constructor(
    topology: StoresOf,
    applicationId: string,
    backend: StateBackend,
    cacheSize: number,
    refusals = NO_REFUSALS,
  ) {
    this.#applicationId = applicationId;
    this.#backend = backend;
    for (const definition of topology.stores) {
      const { name } = definition;
      const timers = timersOf(definition, topology.processors);
      const serde = stateSerdeOf(definition);
      const topic = changelogTopic(applicationId, name);
      const layout = new StoreLayoutMark(backend, topic, definition, serde);
      const keys = keyCodecOf(definition);
      const parts = { store: name, serde, keys, cacheSize, limit: limitOf(name, topic, refusals) };
      const count = timers && this.#timerCount(timers.owner);
      const state = new KeyedState(
        backend,
        timers ? { ...parts, timers: { ...timers, count } } : parts,
      );
      this.#stores.set(name, state);
      this.#changelogs.set(topic, { topic, store: name, state, layout, owner: timers?.owner });
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

  /** Committed timers; undefined where a former version has written local state. */
  get timers(): number | undefined {
    let sum = 0;
    for (const { state, owner } of this.#changelogs.values()) {
      if (owner === undefined) continue;
      if (state.timerCount === undefined) return undefined;
      sum += state.timerCount;
    }
    return sum;
  }

  get isChanged(): boolean {
    return this.states.some((state) => state.changedKeys > 0);
  }

  /** The changelog offset at which local state stands; undefined when there is none (a new disk). */
  checkpoint(changelog: string): number | undefined {
    const [bytes] = this.#backend.getMany(META_COLUMN, [checkpointKey(changelog)]);
    return bytes === undefined ? undefined : Number(bytes.readBigInt64BE(0));
  }

  /** All of them that there are. */
  checkpoints(): ChangelogEnds {
    const topics = [...this.#changelogs.keys()];
    const found = topics.map((topic) => [topic, this.checkpoint(topic)] as const);
    return new Map(found.filter((each): each is [string, number] => each[1] !== undefined));
  }

  /**
   * Applies changelog records, and stands at `end` afterwards.
   * @throws {StreamsException} when an incompatible topology has written them
   */
  restore(changelog: string, changes: readonly StateChange[], end: number): void {
    const { state, layout, owner } = this.#changelog(changelog);
    const batch = this.#backend.batch();
    const states: StateChange[] = [];
    for (const change of changes) {
      if (!change.key.equals(LAYOUT_KEY)) states.push(change);
      else if (change.value) layout.restore(change.value, batch);
    }
    state.restore(states, batch);
    putTimerCount(batch, owner, state);
    putCheckpoint(batch, changelog, end);
    batch.write();
  }

  /** Drops a store's local state, e.g. because its checkpoint is older than the changelog's start. */
  wipe(changelog: string): void {
    const { state, layout, owner } = this.#changelog(changelog);
    // The checkpoint goes first: after a crash on the way it must not speak of state that is gone.
    this.#writeMeta((batch) => {
      batch.delete(META_COLUMN, checkpointKey(changelog));
      layout.forget(batch);
    });
    state.wipe();
    this.#writeMeta((batch) => putTimerCount(batch, owner, state));
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
    for (const { state, layout, owner } of this.#changelogs.values()) {
      if (state.changedKeys === 0) continue;
      layout.write(batch);
      state.write(batch);
      putTimerCount(batch, owner, state);
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
    this.#writeMeta((batch) => {
      batch.put(META_COLUMN, key, Buffer.from(version));
      putTimerCount(batch, owner, state);
    });
  }

  #timerCount(owner: string): number | undefined {
    const [bytes] = this.#backend.getMany(META_COLUMN, [timerCountKey(owner)]);
    return bytes && Number(bytes.readBigInt64BE(0));
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

function limitOf(store: string, topic: string, refusals: Refusals): StateLimit {
  return {
    get isKnown() {
      return refusals.hasLimit(topic);
    },
    check(key, value) {
      const refused = refusals.tooLarge({ topic, key, value, headers: NO_HEADERS });
      if (!refused) return;
      const message = `the state can't be kept in store '${store}': ${refused.message}`;
      throw new ProduceError(message, { cause: refused });
    },
  };
}

function checkpointKey(changelog: string): Buffer {
  return Buffer.from(`checkpoint ${changelog}`);
}

function timerVersionKey(owner: string): Buffer {
  return Buffer.from(`timer-version ${owner}`);
}

function timerCountKey(owner: string): Buffer {
  return Buffer.from(`timer-count ${owner}`);
}

function putCheckpoint(batch: Batch, changelog: string, end: number): void {
  batch.put(META_COLUMN, checkpointKey(changelog), int64(end));
}

/** With the batch that changes the timers, so that it is always what the column has. */
function putTimerCount(
  batch: Batch,
  owner: string | undefined,
  { timerCount }: KeyedState<unknown, unknown>,
): void {
  if (owner === undefined || timerCount === undefined) return;
  batch.put(META_COLUMN, timerCountKey(owner), int64(timerCount));
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
