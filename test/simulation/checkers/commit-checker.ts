import { AssignerProtocol } from 'kafkajs';
import type { ProducerId, TopicPartition } from '#streams/runtime/kafka/kafka';
import { decodeOffsetMetadata } from '#streams/task/offset-metadata';
import type { BrokerObserver, ModelBroker } from '../broker/model-broker.ts';
import type { PartitionOffset } from '../broker/group-offsets.ts';
import type { LogEntry } from '../broker/partition-log.ts';
import type { CommittedTransaction } from '../broker/transactions.ts';
import { ensure, Violation, type TaskCommitted, type Workload } from '../workload/workload.ts';

interface Known {
  readonly offset: number;
  readonly watermark: number;
  readonly maxEventTime: number;
}

const NOTHING: Known = { offset: 0, watermark: -Infinity, maxEventTime: -Infinity };

/**
 * Watches every commit at the instant at which it is decided.
 *
 * - What a task commits is its own: its partition of the inputs and changelogs, under its transactional id.
 * - An epoch of a producer is used by the process that it was given to.
 * - Offsets, watermarks and greatest event times never go back.
 * - A generation's assignment has each task once.
 * - Outside of transactions: what is committed as processed has been written.
 */
export class CommitChecker implements BrokerObserver {
  commits = 0;
  readonly #workload: Workload;
  readonly #applicationId: string;
  readonly #partitions: number;
  readonly #broker: () => ModelBroker;
  readonly #fail: (error: unknown) => void;
  readonly #owners = new Map<string, string>();
  readonly #known = new Map<string, Known>();

  constructor(options: {
    workload: Workload;
    applicationId: string;
    partitions: number;
    broker: () => ModelBroker;
    fail: (error: unknown) => void;
  }) {
    this.#workload = options.workload;
    this.#applicationId = options.applicationId;
    this.#partitions = options.partitions;
    this.#broker = options.broker;
    this.#fail = options.fail;
  }

  /** The furthest that a partition was ever committed. */
  furthest({ topic, partition }: TopicPartition): number {
    return (this.#known.get(`${topic}-${partition}`) ?? NOTHING).offset;
  }

  /** What is committed says that it is done: so it must be, at that instant. */
  onOffsets(offsets: readonly PartitionOffset[]): void {
    this.commits++;
    this.#checked(() => {
      for (const { topic, partition, offset, metadata } of offsets) {
        const name = `${topic}-${partition}`;
        const log = this.#broker().cluster.find({ topic, partition });
        ensure(offset <= log.lastStableOffset, () => `${name} is committed beyond its end`);
        const before = this.#known.get(name) ?? NOTHING;
        // They may go back: an older request may come late.
        if (offset <= before.offset) continue;
        const read = log.committed(before.offset, offset);
        this.#workload.checkProgress(read, (each) => this.#broker().records(each));
        this.#known.set(name, { offset, ...decodeOffsetMetadata(metadata) });
      }
    });
  }

  onProducer({ producerId, epoch }: ProducerId, client: string): void {
    this.#owners.set(`${producerId}/${epoch}`, client);
  }

  onCommitted(transaction: CommittedTransaction): void {
    this.commits++;
    this.#checked(() => {
      const { producerId, epoch, client, transactionalId } = transaction;
      const owner = this.#owners.get(`${producerId}/${epoch}`);
      ensure(owner === client, () => {
        return `${client} committed with ${producerId}/${epoch} of ${transactionalId}, which is ${owner ?? 'nobody'}'s`;
      });
      this.#workload.checkCommit(this.#committedTask(transaction));
    });
  }

  onAssigned(assignments: ReadonlyMap<string, Buffer>): void {
    this.#checked(() => {
      // Some may be missing: they are kept back until their owner has let them go.
      const tasks = [...assignments.values()].flatMap(tasksOf);
      const isOnce = new Set(tasks).size === tasks.length;
      const isKnown = tasks.every((task) => task >= 0 && task < this.#partitions);
      ensure(isOnce && isKnown, () => `tasks assigned: ${tasks.join()}`);
    });
  }

  onBroken(reason: string): void {
    this.#fail(new Violation(reason));
  }

  #committedTask(transaction: CommittedTransaction): TaskCommitted {
    const { transactionalId, records, offsets } = transaction;
    const partition = Number(transactionalId.split('_').at(-1));
    const read: LogEntry[] = [];
    let watermark = -Infinity;
    let watermarkBefore = -Infinity;
    for (const offset of offsets) {
      const name = `${offset.topic}-${offset.partition}`;
      ensure(offset.partition === partition, () => `${transactionalId} commits ${name}`);
      const before = this.#known.get(name) ?? NOTHING;
      const metadata = decodeOffsetMetadata(offset.metadata);
      ensure(offset.offset >= before.offset, () => {
        return `the offset of ${name} goes back from ${before.offset} to ${offset.offset}`;
      });
      ensure(metadata.watermark >= before.watermark, () => {
        return `the watermark of ${name} goes back from ${before.watermark} to ${metadata.watermark}`;
      });
      ensure(metadata.maxEventTime >= before.maxEventTime, () => {
        return `the greatest event time of ${name} goes back from ${before.maxEventTime} to ${metadata.maxEventTime}`;
      });
      const log = this.#broker().cluster.find(offset);
      ensure(offset.offset <= log.lastStableOffset, () => `${name} is committed beyond its end`);
      const entries = log.committed(before.offset, offset.offset);
      const latest = this.#latestOf(offset.topic, entries);
      ensure(metadata.maxEventTime >= latest, () => {
        return `${name} is committed with the greatest event time ${metadata.maxEventTime}, and ${latest} was read`;
      });
      read.push(...entries);
      this.#known.set(name, { offset: offset.offset, ...metadata });
      watermark = metadata.watermark;
      watermarkBefore = before.watermark;
    }
    ensure(offsets.length === this.#workload.topology.sources.length, () => {
      return `${transactionalId} commits the offsets of ${offsets.length} inputs`;
    });
    const written = new Map<string, LogEntry[]>();
    for (const { log, entry } of records) {
      const isOwn =
        !log.topic.startsWith(`${this.#applicationId}-`) || log.topic.endsWith('-dead-letter');
      ensure(
        isOwn || log.partition === partition,
        () => `${transactionalId} writes to ${log.name}`,
      );
      written.set(log.topic, [...(written.get(log.topic) ?? []), entry]);
    }
    return { transaction, partition, read, written, watermark, watermarkBefore };
  }

  #latestOf(name: string, entries: readonly LogEntry[]): number {
    const { topic } = this.#workload.topology.sources.find((s) => s.topic.name === name)!;
    let latest = -Infinity;
    for (const { value } of entries) {
      try {
        latest = Math.max(latest, topic.eventTime!(topic.value.decode(value!)));
      } catch {
        // Unreadable: it has no event time.
      }
    }
    return latest;
  }

  #checked(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#fail(error);
    }
  }
}

function tasksOf(bytes: Buffer): number[] {
  if (bytes.length === 0) return [];
  const { assignment } = AssignerProtocol.MemberAssignment.decode(bytes)!;
  const perTopic = Object.values(assignment);
  if (perTopic.length === 0) return [];
  ensure(new Set(perTopic.map((tasks) => tasks.join())).size === 1, () => 'topics apart');
  return perTopic[0]!;
}
