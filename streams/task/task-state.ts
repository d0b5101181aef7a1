import { StreamsException } from '../errors.ts';
import { META_COLUMN, type Batch, type StateBackend } from '../state/backend.ts';
import { KeyedState, storeColumn, type StateChange } from '../state/keyed-state.ts';
import { timerColumn } from '../state/timer-column.ts';
import { changelogTopic, type Topology } from '../graph/topology.ts';
import type { ChangelogEnds, OutputRecord } from './commit.ts';
import { NO_HEADERS } from '../processor/record.ts';

/** The columns a task's backend must have. */
export function stateColumns(topology: Topology): string[] {
  return topology.processors.flatMap(({ name, processor }) => [
    storeColumn(processor.store.name),
    timerColumn(name),
  ]);
}

/**
 * All stores of a task, and how far local state stands: per changelog the offset behind the last record it has.
 *
 * The checkpoint is in the same atomic batch as the state it speaks of. So after a crash at any point only the changelog's
 * records from the checkpoint on are missing, and nothing uncommitted is there.
 */
export class TaskState {
  readonly #backend: StateBackend;
  readonly #states = new Map<string, KeyedState<unknown>>();
  readonly #changelogs = new Map<string, KeyedState<unknown>>();

  constructor(topology: Topology, applicationId: string, backend: StateBackend, cacheSize: number) {
    this.#backend = backend;
    for (const { name, processor } of topology.processors) {
      const store = processor.store.name;
      const definition = topology.stores.find((s) => s.name === store)!;
      const state = new KeyedState(backend, {
        store,
        processor: name,
        serde: definition.serde,
        timer: processor.timer?.bind(processor),
        cacheSize,
      });
      this.#states.set(name, state);
      this.#changelogs.set(changelogTopic(applicationId, store), state);
      this.#checkTimers(name, processor.timerVersion ?? '', state);
    }
  }

  get states(): readonly KeyedState<unknown>[] {
    return [...this.#states.values()];
  }

  state(processor: string): KeyedState<unknown> {
    return this.#states.get(processor)!;
  }

  get changelogTopics(): string[] {
    return [...this.#changelogs.keys()];
  }

  get isChanged(): boolean {
    return this.states.some((state) => state.changedKeys > 0);
  }

  /** The changelog offset at which local state stands; undefined when there is none (a new disk). */
  checkpoint(changelog: string): number | undefined {
    const [bytes] = this.#backend.getMany(META_COLUMN, [checkpointKey(changelog)]);
    return bytes === undefined ? undefined : Number(bytes.readBigInt64BE(0));
  }

  /** Applies changelog records, and stands at `end` afterwards. */
  restore(changelog: string, changes: readonly StateChange[], end: number): void {
    const state = this.#changelogs.get(changelog);
    if (!state) throw new StreamsException(`'${changelog}' is not a changelog of this task`);
    state.restore(changes);
    state.changes();
    this.#write([state], new Map([[changelog, end]]));
  }

  /** Drops a store's local state, e.g. because its checkpoint is older than the changelog's start. */
  wipe(changelog: string): void {
    // The checkpoint goes first: after a crash on the way it must not speak of state that is gone.
    this.#writeMeta((batch) => batch.delete(META_COLUMN, checkpointKey(changelog)));
    this.#changelogs.get(changelog)!.wipe();
  }

  /** The changes since the last commit as changelog records. */
  changelogRecords(partition: number): OutputRecord[] {
    return [...this.#changelogs].flatMap(([topic, state]) =>
      state
        .changes()
        .map(({ key, value }) => ({ topic, partition, key, value, headers: NO_HEADERS })),
    );
  }

  /** The transaction is committed: makes the changes that `changelogRecords` returned local state. */
  commit(ends: ChangelogEnds): void {
    this.#write(this.states, ends);
  }

  #write(states: readonly KeyedState<unknown>[], ends: ChangelogEnds): void {
    const batch = this.#backend.batch();
    for (const state of states) state.write(batch);
    for (const [changelog, end] of ends) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(end));
      batch.put(META_COLUMN, checkpointKey(changelog), bytes);
    }
    batch.write();
    for (const state of states) state.committed();
  }

  /** Timers that were derived under other settings are not this processor's. */
  #checkTimers(processor: string, version: string, state: KeyedState<unknown>): void {
    const key = Buffer.from(`timer-version ${processor}`);
    const [known] = this.#backend.getMany(META_COLUMN, [key]);
    if (known?.toString() === version) return;
    // The old mark goes first: after a crash on the way, going back to the old settings must rebuild too.
    this.#writeMeta((batch) => batch.delete(META_COLUMN, key));
    state.rebuildTimers();
    this.#writeMeta((batch) => batch.put(META_COLUMN, key, Buffer.from(version)));
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
