import type { TopicPartition } from '#streams/runtime/kafka/kafka';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { noAnswer, refusal } from './errors.ts';
import type { PartitionLog } from './partition-log.ts';

export interface ClusterOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly brokers: number;
  readonly onCoordinatorMoved: (id: string) => void;
}

interface Coordinator {
  broker: number;
  /** Virtual time until which the new one is still reading what it coordinates. */
  loadingUntil: number;
}

/** Which brokers there are, which of them can be reached, who leads a partition, and who coordinates a group or transaction. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #topics = new Map<string, PartitionLog[]>();
  readonly #leaders = new Map<string, number>();
  /** What metadata may still say. */
  readonly #formerLeaders = new Map<string, number>();
  readonly #coordinators = new Map<string, Coordinator>();
  readonly #upAgainAt = new Map<number, number>();

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  get brokers(): number[] {
    return Array.from({ length: this.#options.brokers }, (_, i) => i + 1);
  }

  get topics(): ReadonlyMap<string, readonly PartitionLog[]> {
    return this.#topics;
  }

  get logs(): PartitionLog[] {
    return [...this.#topics.values()].flat();
  }

  addTopic(name: string, logs: PartitionLog[]): void {
    this.#topics.set(name, logs);
    for (const log of logs) this.#leaders.set(log.name, this.#options.random.pick(this.brokers));
  }

  find({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.#topics.get(topic)?.[partition];
    if (!log) throw refusal('UNKNOWN_TOPIC_OR_PARTITION', `${topic}-${partition}`);
    return log;
  }

  isUp(broker: number): boolean {
    return (this.#upAgainAt.get(broker) ?? -Infinity) <= this.#options.scheduler.now;
  }

  mustBeUp(broker: number): void {
    if (!this.isUp(broker)) throw noAnswer(`broker ${broker} is away`);
  }

  leaderOf(log: PartitionLog): number {
    return this.#leaders.get(log.name)!;
  }

  formerLeaderOf(log: PartitionLog): number {
    return this.#formerLeaders.get(log.name) ?? this.leaderOf(log);
  }

  coordinatorOf(id: string): number {
    let found = this.#coordinators.get(id);
    if (!found) {
      found = { broker: this.#options.random.pick(this.brokers), loadingUntil: 0 };
      this.#coordinators.set(id, found);
    }
    return found.broker;
  }

  mustCoordinate(broker: number, id: string): void {
    if (this.coordinatorOf(id) !== broker) throw refusal('NOT_COORDINATOR_FOR_GROUP', id);
    if (this.#coordinators.get(id)!.loadingUntil > this.#options.scheduler.now) {
      throw refusal('GROUP_LOAD_IN_PROGRESS', id);
    }
  }

  /** To another broker that is up, if there is one. */
  moveLeader(log: PartitionLog): void {
    const to = this.#otherThan(this.leaderOf(log));
    if (to === undefined) return;
    this.#options.trace.add('broker', () => `${to} leads ${log.name} now`);
    this.#formerLeaders.set(log.name, this.leaderOf(log));
    this.#leaders.set(log.name, to);
    log.notify();
  }

  moveCoordinator(id: string): void {
    const coordinator = this.#coordinators.get(id);
    const to = this.#otherThan(coordinator?.broker);
    if (!coordinator || to === undefined) return;
    const { scheduler, random, trace, onCoordinatorMoved } = this.#options;
    trace.add('broker', () => `${to} coordinates ${id} now`);
    coordinator.broker = to;
    coordinator.loadingUntil = scheduler.now + random.skewed(0, 300);
    onCoordinatorMoved(id);
  }

  get coordinated(): string[] {
    return [...this.#coordinators.keys()];
  }

  /** A broker is away for a while; what it led and coordinated goes to others after a moment, if there are others. */
  takeAway(broker: number, ms: number): void {
    const { scheduler, random, trace } = this.#options;
    trace.add('broker', () => `${broker} is away for ${ms} ms`);
    this.#upAgainAt.set(broker, scheduler.now + ms);
    scheduler.after(random.int(20, 400), () => {
      if (this.isUp(broker)) return;
      for (const log of this.logs) if (this.leaderOf(log) === broker) this.moveLeader(log);
      for (const [id, coordinator] of this.#coordinators) {
        if (coordinator.broker === broker) this.moveCoordinator(id);
      }
    });
  }

  /** Ends every absence. */
  heal(): void {
    this.#upAgainAt.clear();
    this.#formerLeaders.clear();
  }

  #otherThan(broker: number | undefined): number | undefined {
    const others = this.brokers.filter((b) => b !== broker && this.isUp(b));
    return others.length > 0 ? this.#options.random.pick(others) : undefined;
  }
}
