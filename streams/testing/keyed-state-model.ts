import { expect } from 'vitest';
import type { StateBackend } from '../state/backend.ts';
import { storeColumn, type KeyedState } from '../state/keyed-state.ts';

/** A state that says itself when its timer is due; `n` makes every one different. */
export interface Counter {
  readonly n: number;
  readonly timer: number | null;
}

/** What the processing of a record or timer does: puts states one after the other, and fails or not. */
export interface Outcome {
  readonly put: readonly ({ readonly timer: number | null } | null)[];
  readonly fails: boolean;
}

export type Step =
  | { readonly do: 'record'; readonly key: string; readonly outcome: Outcome }
  | { readonly do: 'timers'; readonly watermark: number; readonly then: readonly Outcome[] }
  | { readonly do: 'commit'; readonly crash: 'no' | 'before' | 'after' }
  | { readonly do: 'crash' | 'rebuildTimers' }
  | { readonly do: 'prefetch'; readonly keys: readonly string[] }
  | {
      readonly do: 'restore';
      readonly changes: readonly (readonly [string, { readonly timer: number | null } | null])[];
    };

/** Drives a `KeyedState` as a task does, beside a model of two maps and a search for the next timer. */
export class KeyedStateModel {
  readonly #make: () => KeyedState<Counter>;
  readonly #backend: StateBackend;
  readonly #cacheSize: number;
  #real: KeyedState<Counter>;
  #committed = new Map<string, Counter>();
  #current = new Map<string, Counter>();
  #changed = new Set<string>();
  /** Keys whose timer failed. It may come back, also before their state is put again: it was never taken out of the disk. */
  #disarmed = new Set<string>();
  #n = 0;

  constructor(make: () => KeyedState<Counter>, backend: StateBackend, cacheSize: number) {
    this.#make = make;
    this.#backend = backend;
    this.#cacheSize = cacheSize;
    this.#real = make();
  }

  apply(step: Step): void {
    switch (step.do) {
      case 'record':
        this.#process(step.key, step.outcome, () => undefined);
        break;
      case 'timers':
        this.#fireTimers(step.watermark, step.then);
        break;
      case 'commit':
        this.#commit(step.crash);
        break;
      case 'crash':
        this.#crash();
        break;
      case 'rebuildTimers':
        if (this.#changed.size > 0) this.#commit('no');
        this.#real.rebuildTimers();
        this.#disarmed.clear();
        break;
      case 'prefetch':
        this.#real.prefetch(step.keys);
        break;
      case 'restore':
        this.#restore(step.changes);
    }
    expect(this.#real.changedKeys).toBe(this.#changed.size);
    this.#expectNext(this.#real.nextDueUpTo(Infinity));
  }

  expectEmpty(): void {
    expect([...this.#current.values()].filter(({ timer }) => timer !== null)).toEqual([]);
    expect(this.#real.nextDueUpTo(Infinity)).toBe(Infinity);
  }

  #process(key: string, outcome: Outcome, afterUndo: () => void): void {
    const entry = this.#real.entry(key);
    expect(entry.state).toEqual(this.#current.get(key));
    for (const state of outcome.put)
      this.#real.put(entry, state ? this.#counter(state) : undefined);
    if (outcome.fails) {
      this.#real.undo();
      // An undone put arms the timer again, since the state is what it was.
      if (outcome.put.length > 0) this.#disarmed.delete(key);
      afterUndo();
    } else {
      this.#real.keep();
      if (outcome.put.length === 0) return;
      this.#set(this.#current, key, entry.state);
      this.#changed.add(key);
      this.#disarmed.delete(key);
    }
    expect(entry.state).toEqual(this.#current.get(key));
  }

  #fireTimers(watermark: number, then: readonly Outcome[]): void {
    for (let i = 0; ; i++) {
      const due = this.#real.pollTimer(watermark);
      if (!due) break;
      this.#expectNext(due.dueAt);
      expect(due.dueAt).toBeLessThanOrEqual(watermark);
      const { key } = due.entry;
      expect(this.#current.get(key)?.timer).toBe(due.dueAt);
      this.#process(key, movedOn(then[i % then.length]!, due.dueAt), () => {
        this.#real.disarm(due.entry);
        this.#disarmed.add(key);
      });
    }
    // With the ones that are due in hand, none is left.
    expect(this.#armed().filter((dueAt) => dueAt <= watermark)).toEqual([]);
  }

  #commit(crash: 'no' | 'before' | 'after'): void {
    const changes = this.#real.changes();
    expect(new Map(changes.map(({ key, value }) => [String(key), value && String(value)]))).toEqual(
      new Map([...this.#changed].map((key) => [key, encoded(this.#current.get(key))])),
    );
    expect(changes.length).toBe(this.#changed.size);
    if (crash !== 'before') {
      this.#write();
      this.#committed = new Map(this.#current);
    }
    if (crash !== 'no') {
      this.#crash();
      return;
    }
    this.#real.committed();
    this.#changed.clear();
    expect(this.#real.cachedKeys).toBeLessThanOrEqual(this.#cacheSize);
    this.#expectStored();
  }

  #restore(changes: readonly (readonly [string, { timer: number | null } | null])[]): void {
    // A task restores before it does anything else.
    this.#crash();
    const list = changes.map(
      ([key, state]) => [key, state ? this.#counter(state) : undefined] as const,
    );
    const batch = this.#backend.batch();
    this.#real.restore(
      list.map(([key, state]) => ({
        key: Buffer.from(key),
        value: state ? Buffer.from(JSON.stringify(state)) : null,
      })),
      batch,
    );
    batch.write();
    for (const [key, state] of list) this.#set(this.#current, key, state);
    this.#committed = new Map(this.#current);
    this.#expectStored();
  }

  #crash(): void {
    this.#real = this.#make();
    this.#current = new Map(this.#committed);
    this.#changed.clear();
    this.#disarmed.clear();
  }

  #write(): void {
    const batch = this.#backend.batch();
    this.#real.write(batch);
    batch.write();
  }

  #expectStored(): void {
    const stored = this.#backend.scan(storeColumn('counters'), Buffer.alloc(0), 1000);
    expect(new Map(stored.map(([key, value]) => [String(key), String(value)]))).toEqual(
      new Map([...this.#committed].map(([key, state]) => [key, encoded(state)])),
    );
  }

  #expectNext(instant: number): void {
    const armed = Math.min(Infinity, ...this.#armed());
    if (instant === armed) return;
    const disarmed = [...this.#disarmed].map((key) => this.#current.get(key)?.timer);
    expect([armed, ...disarmed.filter((dueAt) => dueAt! < armed)]).toContain(instant);
  }

  #armed(): number[] {
    return [...this.#current].flatMap(([key, { timer }]) =>
      timer === null || this.#disarmed.has(key) ? [] : [timer],
    );
  }

  #set(map: Map<string, Counter>, key: string, state: Counter | undefined): void {
    if (state) map.set(key, state);
    else map.delete(key);
  }

  #counter({ timer }: { readonly timer: number | null }): Counter {
    return { n: this.#n++, timer };
  }
}

/** A timer that is processed moves, goes or fails: the runner sees to it. */
function movedOn(outcome: Outcome, dueAt: number): Outcome {
  const last = outcome.put.at(-1);
  const stays = last === undefined || (last !== null && last.timer !== null && last.timer <= dueAt);
  return stays && !outcome.fails ? { ...outcome, put: [...outcome.put, null] } : outcome;
}

function encoded(state: Counter | undefined): string | null {
  return state ? JSON.stringify(state) : null;
}
