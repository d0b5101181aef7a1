import type { FailureKind } from '../errors.ts';

/** What a task has counted since it was opened here. */
export interface TaskCounts {
  readonly processed: number;
  /** Records whose event time was not after the watermark. */
  readonly late: number;
  readonly timersFired: number;
  readonly commits: number;
  /** By what failed and where: `<kind> <node>`. */
  readonly deadLetters: ReadonlyMap<string, number>;
  /** Changelog records read at the start. */
  readonly restored: number;
  /** By reason: `context.drop(reason)`. */
  readonly dropped: ReadonlyMap<string, number>;
  /** By event: `context.count(event)`. */
  readonly events: ReadonlyMap<string, number>;
}

/** A task's counters, as it writes them. */
export class TaskMetrics implements TaskCounts {
  processed = 0;
  late = 0;
  timersFired = 0;
  commits = 0;
  restored = 0;
  readonly deadLetters = new Map<string, number>();
  readonly dropped = new Map<string, number>();
  readonly events = new Map<string, number>();

  /** What the processing of one record or timer has added to, and what was there before. */
  #added: { counts: Map<string, number>; name: string; before: number | undefined }[] = [];

  add(counts: Map<string, number>, name: string, by = 1): void {
    const before = counts.get(name);
    this.#added.push({ counts, name, before });
    counts.set(name, (before ?? 0) + by);
  }

  deadLetter(kind: FailureKind, node: string): void {
    increase(this.deadLetters, `${kind} ${node}`, 1);
  }

  keep(): void {
    if (this.#added.length > 0) this.#added = [];
  }

  undo(): void {
    for (const { counts, name, before } of this.#added.reverse()) {
      if (before === undefined) counts.delete(name);
      else counts.set(name, before);
    }
    this.#added = [];
  }

  snapshot(): TaskCounts {
    const { processed, late, timersFired, commits, restored } = this;
    const deadLetters = new Map(this.deadLetters);
    const maps = { deadLetters, dropped: new Map(this.dropped), events: new Map(this.events) };
    return { processed, late, timersFired, commits, restored, ...maps };
  }
}

/** What several tasks have counted together. */
export function sumOfCounts(all: readonly TaskCounts[]): TaskCounts {
  const sum = new TaskMetrics();
  for (const { deadLetters, dropped, events, ...counts } of all) {
    sum.processed += counts.processed;
    sum.late += counts.late;
    sum.timersFired += counts.timersFired;
    sum.commits += counts.commits;
    sum.restored += counts.restored;
    for (const [failure, by] of deadLetters) increase(sum.deadLetters, failure, by);
    for (const [reason, by] of dropped) increase(sum.dropped, reason, by);
    for (const [event, by] of events) increase(sum.events, event, by);
  }
  return sum.snapshot();
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
