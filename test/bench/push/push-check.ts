import type { Push } from './watchers.ts';

/** One change as it stands on its topic. */
export interface Appended {
  readonly orderNo: string;
  readonly updatedAt: number;
  /** By the broker. */
  readonly appendedAt: number;
}

export interface Checked {
  /** From the append to the arrival of each push, ms. */
  readonly latencies: readonly number[];
  /** In words; undefined when each order was told each of its changes once, in the order of its topic. */
  readonly fault: string | undefined;
}

/** Compares what has come with what was appended, order by order. @param appended in the order of each partition */
export function checkPushes(
  appended: readonly Appended[],
  pushes: ReadonlyMap<string, readonly Push[]>,
): Checked {
  const latencies: number[] = [];
  const wrong: string[] = [];
  for (const [orderNo, changes] of Map.groupBy(appended, ({ orderNo }) => orderNo)) {
    const came = pushes.get(orderNo) ?? [];
    const expected = changes.map(({ updatedAt }) => updatedAt).join();
    if (came.map(({ statusAt }) => statusAt).join() !== expected)
      wrong.push(`${orderNo}: ${String(came.length)} of ${String(changes.length)} in order`);
    const receivedAt = new Map(came.map((push) => [push.statusAt, push.receivedAt]));
    for (const { updatedAt, appendedAt } of changes) {
      const at = receivedAt.get(updatedAt);
      if (at !== undefined) latencies.push(at - appendedAt);
    }
  }
  const fault =
    wrong.length === 0
      ? undefined
      : `${String(wrong.length)} orders were not told all in order, such as ${wrong[0]!}`;
  return { latencies, fault };
}
