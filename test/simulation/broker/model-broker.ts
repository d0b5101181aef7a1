import type { JoinRequest, Member, ProducerId, TopicPartition } from '#streams/runtime/kafka/kafka';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { Cluster } from './cluster.ts';
import { Group } from './group.ts';
import { GroupOffsets, type PartitionOffset } from './group-offsets.ts';
import { PartitionLog, type LogEntry, type TopicLimit } from './partition-log.ts';
import { Transactions, type CommittedTransaction } from './transactions.ts';

/** Those who watch what the broker is asked to do. */
export interface BrokerObserver {
  onCommitted(transaction: CommittedTransaction): void;
  onProducer(producer: ProducerId, client: string): void;
  /** Offsets were committed outside of a transaction. */
  onOffsets(offsets: readonly PartitionOffset[]): void;
  onAssigned(assignments: ReadonlyMap<string, Buffer>): void;
  /** A client does what it must not. */
  onBroken(reason: string): void;
}

export interface ModelBrokerOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly faults: Faults;
  readonly observer: BrokerObserver;
  readonly brokers: number;
  readonly lastEpoch: number;
  readonly initialDelayMs: number;
  /** Default: topics take everything. */
  readonly limitOf?: (topic: string) => TopicLimit;
}

/**
 * Kafka in memory, as far as the runtime's port reaches: logs, transactions, consumer groups, brokers that go away and
 * change roles. One model is shared by the clients of all processes; `ModelClient` is what a process has of it.
 */
export class ModelBroker {
  readonly cluster: Cluster;
  readonly offsets = new GroupOffsets();
  readonly transactions: Transactions;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly faults: Faults;
  readonly observer: BrokerObserver;
  readonly #options: ModelBrokerOptions;
  readonly #groups = new Map<string, Group>();

  constructor(options: ModelBrokerOptions) {
    this.#options = options;
    const { scheduler, random, trace, brokers, faults, observer, lastEpoch } = options;
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.faults = faults;
    this.observer = observer;
    const onCoordinatorMoved = (id: string) => {
      this.#groups.get(id)?.reload();
    };
    this.cluster = new Cluster({ scheduler, random, trace, brokers, onCoordinatorMoved });
    this.transactions = new Transactions({
      scheduler,
      random,
      trace,
      lastEpoch,
      offsets: this.offsets,
      log: (partition) => this.cluster.find(partition),
      markerDelayMs: () => faults.markerDelayMs(),
      onCommitted: (transaction) => {
        observer.onCommitted(transaction);
      },
      onProducer: (producer, client) => {
        observer.onProducer(producer, client);
      },
    });
  }

  /** Some program takes a transactional id over, and does nothing with it. */
  fence(random: Random): void {
    const ids = this.transactions.ids;
    if (ids.length === 0) return;
    const id = random.pick(ids);
    this.trace.add('fault', () => `fences ${id}`);
    try {
      this.transactions.initProducerId(id, 1000, 'nobody');
    } catch (error) {
      // A transaction that is open is aborted all the same.
      this.trace.add('fault', () => (error as Error).message);
    }
  }

  createTopic(name: string, partitions: number): void {
    if (this.cluster.topics.has(name)) return;
    const limit = this.#options.limitOf?.(name);
    const logs = Array.from({ length: partitions }, (_, i) => new PartitionLog(name, i, limit));
    this.cluster.addTopic(name, logs);
  }

  group(id: string): Group {
    let group = this.#groups.get(groupKey(id));
    if (!group) {
      const { scheduler, random, trace, initialDelayMs, observer } = this.#options;
      group = new Group({
        id,
        scheduler,
        random,
        trace,
        initialDelayMs,
        onAssigned: (assignments) => {
          observer.onAssigned(assignments);
        },
      });
      this.#groups.set(groupKey(id), group);
    }
    return group;
  }

  join(request: JoinRequest) {
    return this.group(request.groupId).join(request);
  }

  /** A member commits offsets. @throws {KafkaError} when it is not in the group's generation */
  commitOffsets(member: Member, offsets: readonly PartitionOffset[]): void {
    this.group(member.groupId).mayCommit(member);
    this.offsets.commit(member.groupId, offsets);
    this.#options.observer.onOffsets(offsets);
  }

  /** What readers see of a topic, partition after partition; for checkers. */
  records(topic: string): LogEntry[] {
    return [...(this.cluster.topics.get(topic) ?? [])].flatMap((log) => log.committed());
  }

  /** Committed offset and end of every partition of these topics. */
  progress(groupId: string, topics: readonly string[]) {
    return topics
      .flatMap((topic) => this.cluster.topics.get(topic) ?? [])
      .map((log) => {
        const at: TopicPartition = { topic: log.topic, partition: log.partition };
        const committed = this.offsets.committed(groupId, at)?.offset ?? 0;
        return { ...at, committed, end: log.lastStableOffset };
      });
  }
}

/** How a group is named among what is coordinated. */
export function groupKey(id: string): string {
  return `group ${id}`;
}

export function transactionKey(id: string): string {
  return `txn ${id}`;
}
