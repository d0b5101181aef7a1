/** What a task has counted since it was made; read by whoever exports metrics. */
export class TaskMetrics {
  processed = 0;
  late = 0;
  timersFired = 0;
  commits = 0;
  deadLetters = 0;
  restored = 0;
  /** By reason: `context.drop(reason)`. */
  readonly dropped = new Map<string, number>();
  /** By event: `context.count(event)`. */
  readonly events = new Map<string, number>();

  add(counts: Map<string, number>, name: string, by = 1): void {
    counts.set(name, (counts.get(name) ?? 0) + by);
  }
}
