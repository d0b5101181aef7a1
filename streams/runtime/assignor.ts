/** A member of the group as the leader sees it. */
export interface AssignorMember {
  readonly memberId: string;
  /** Partition numbers of the tasks it had; it has their local state. */
  readonly owned: readonly number[];
}

/**
 * Assigns tasks by partition number, so that a task has the same partition of every source; balanced to within one, and
 * sticky: a member keeps what it has up to its share. The same members give the same answer, in whatever order.
 */
export function assignTasks(
  partitions: number,
  members: readonly AssignorMember[],
): Map<string, number[]> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const assigned = new Map(sorted.map((m) => [m.memberId, [] as number[]]));
  const free = new Set(Array.from({ length: partitions }, (_, i) => i));
  const quota = Math.floor(partitions / sorted.length);
  let extra = partitions % sorted.length;

  // Those with the most to keep get the larger shares.
  for (const member of [...sorted].sort((a, b) => b.owned.length - a.owned.length)) {
    const kept = assigned.get(member.memberId)!;
    for (const task of [...member.owned].sort((a, b) => a - b)) {
      const isExtra = kept.length === quota;
      if (!free.has(task) || kept.length > quota || (isExtra && extra === 0)) continue;
      if (isExtra) extra--;
      kept.push(task);
      free.delete(task);
    }
  }
  for (const task of free) {
    const [smallest] = [...assigned.values()].sort((a, b) => a.length - b.length);
    smallest!.push(task);
  }
  for (const tasks of assigned.values()) tasks.sort((a, b) => a - b);
  return assigned;
}
