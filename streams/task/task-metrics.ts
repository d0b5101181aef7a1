/** What a task has counted since it was opened here. */
export interface TaskCounts {
  readonly processed: number;
  /** Records whose event time was not after the watermark. */
  readonly late: number;
  readonly timersFired: number;
  readonly commits: number;
  readonly deadLetters: number;
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
  deadLetters = 0;
  restored = 0;
  readonly dropped = new Map<string, number>();
  readonly events = new Map<string, number>();

  add(counts: Map<string, number>, name: string, by = 1): void {
    counts.set(name, (counts.get(name) ?? 0) + by);
  }

  snapshot(): TaskCounts {
    const { processed, late, timersFired, commits, deadLetters, restored } = this;
    const maps = { dropped: new Map(this.dropped), events: new Map(this.events) };
    return { processed, late, timersFired, commits, deadLetters, restored, ...maps };
  }
}
