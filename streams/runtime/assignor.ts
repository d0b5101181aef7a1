/** A task's id as Kafka Streams writes it: `<sub-topology>_<partition>`. */
export type TaskId = string;

/** A member of the group as the leader sees it. */
export interface AssignorMember {
  readonly memberId: string;
  /** The tasks it runs, or is about to give up: nobody else may start them meanwhile. */
  readonly active: readonly TaskId[];
  /** The tasks of which it keeps a replica, or has local state from before. */
  readonly standby: readonly TaskId[];
  /** Its process, where that has several members: they end together. */
  readonly processId?: string | undefined;
}

export interface TaskAssignment {
  readonly active: readonly TaskId[];
  readonly standby: readonly TaskId[];
}

/**
 * Where each task should run: balanced to within one, and sticky, first to where a task runs, then to where its state is.
 * The same members give the same answer, in whatever order they come.
 *
 * @param standbyReplicas replicas per task, in processes other than its own and each other's; fewer when there are not enough
 */
export function assignTasks(
  tasks: readonly TaskId[],
  members: readonly AssignorMember[],
  standbyReplicas = 0,
): Map<string, TaskAssignment> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const active = assignActive(tasks, sorted);
  const standby = assignStandbys(tasks, sorted, active, standbyReplicas);
  return new Map(
    sorted.map(({ memberId }) => [
      memberId,
      { active: inOrder(active.get(memberId)!), standby: inOrder(standby.get(memberId)!) },
    ]),
  );
}

/**
 * What may be handed out now of a target assignment: a task that someone else still runs is kept back until that one has
 * let it go and joined again (cooperative rebalancing, KIP-429). So whoever keeps a task never stops processing it.
 */
export function withholdOwned(
  target: ReadonlyMap<string, TaskAssignment>,
  members: readonly AssignorMember[],
): Map<string, TaskAssignment> {
  const isFree = (task: TaskId, memberId: string) =>
    members.every((m) => m.memberId === memberId || !m.active.includes(task));
  return new Map(
    [...target].map(([memberId, { active, standby }]) => [
      memberId,
      { active: active.filter((task) => isFree(task, memberId)), standby },
    ]),
  );
}

function assignActive(
  tasks: readonly TaskId[],
  members: readonly AssignorMember[],
): Map<string, TaskId[]> {
  const assigned = new Map(members.map((m) => [m.memberId, [] as TaskId[]]));
  const free = new Set(inOrder(tasks));
  const quota = Math.floor(tasks.length / members.length);
  let extra = tasks.length % members.length;
  const claim = (member: AssignorMember, claimed: readonly TaskId[]) => {
    const own = assigned.get(member.memberId)!;
    for (const task of inOrder(claimed)) {
      const isExtra = own.length === quota;
      if (!free.has(task) || own.length > quota || (isExtra && extra === 0)) continue;
      if (isExtra) extra--;
      own.push(task);
      free.delete(task);
    }
  };
  // Those with the most to keep get the larger shares.
  for (const member of byCount(members, (m) => m.active.length)) claim(member, member.active);
  for (const member of byCount(members, (m) => m.standby.length)) claim(member, member.standby);
  for (const task of free) fewest(assigned).push(task);
  return assigned;
}

function assignStandbys(
  tasks: readonly TaskId[],
  members: readonly AssignorMember[],
  active: ReadonlyMap<string, readonly TaskId[]>,
  replicas: number,
): Map<string, TaskId[]> {
  const assigned = new Map(members.map((m) => [m.memberId, [] as TaskId[]]));
  const limit = Math.ceil((tasks.length * replicas) / members.length);
  for (const task of inOrder(tasks)) {
    const owner = members.find((m) => active.get(m.memberId)!.includes(task))!;
    const taken = new Set([processOf(owner)]);
    const others = members.filter((m) => !taken.has(processOf(m)));
    const has = (m: AssignorMember) => m.standby.includes(task) || m.active.includes(task);
    const load = (m: AssignorMember) => assigned.get(m.memberId)!.length;
    const ranked = [...others].sort((a, b) => {
      const keepsA = has(a) && load(a) < limit;
      const keepsB = has(b) && load(b) < limit;
      return Number(keepsB) - Number(keepsA) || load(a) - load(b);
    });
    for (const member of ranked) {
      if (taken.size > replicas) break;
      if (taken.has(processOf(member))) continue;
      taken.add(processOf(member));
      assigned.get(member.memberId)!.push(task);
    }
  }
  return assigned;
}

function processOf({ memberId, processId }: AssignorMember): string {
  return processId ?? memberId;
}

function byCount(
  members: readonly AssignorMember[],
  count: (member: AssignorMember) => number,
): AssignorMember[] {
  return [...members].sort((a, b) => count(b) - count(a));
}

function fewest(assigned: ReadonlyMap<string, TaskId[]>): TaskId[] {
  let least: TaskId[] | undefined;
  for (const tasks of assigned.values()) if (!least || tasks.length < least.length) least = tasks;
  return least!;
}

/** By sub-topology, then by partition; each once. */
function inOrder(tasks: readonly TaskId[]): TaskId[] {
  const parts = (task: TaskId) => task.split('_').map(Number) as [number, number];
  return [...new Set(tasks)].sort((a, b) => {
    const [subA, partitionA] = parts(a);
    const [subB, partitionB] = parts(b);
    return subA - subB || partitionA - partitionB;
  });
}
