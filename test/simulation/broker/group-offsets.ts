import type { GroupOffset, Producer, TopicPartition } from '#streams/runtime/kafka/kafka';
import { refusal } from './errors.ts';

export type PartitionOffset = TopicPartition & GroupOffset;

/** Committed offsets of consumer groups; those of a transaction are there only once it is committed. */
export class GroupOffsets {
  readonly #committed = new Map<string, GroupOffset>();
  readonly #pending = new Map<bigint, Map<string, { groupId: string; offset: PartitionOffset }>>();
  readonly #epochs = new Map<bigint, number>();

  committed(groupId: string, { topic, partition }: TopicPartition): GroupOffset | undefined {
    return this.#committed.get(`${groupId} ${topic}-${partition}`);
  }

  pending(producerId: bigint): PartitionOffset[] {
    return [...(this.#pending.get(producerId)?.values() ?? [])].map(({ offset }) => offset);
  }

  /** Outside of a transaction. */
  commit(groupId: string, offsets: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset, metadata } of offsets)
      this.#committed.set(`${groupId} ${topic}-${partition}`, { offset, metadata });
  }

  add(groupId: string, producer: Producer, offsets: readonly PartitionOffset[]): void {
    const { producerId, epoch } = producer;
    if (epoch < (this.#epochs.get(producerId) ?? -1)) throw refusal('INVALID_PRODUCER_EPOCH');
    this.#epochs.set(producerId, epoch);
    const pending = this.#pending.get(producerId) ?? new Map<string, never>();
    for (const offset of offsets) {
      pending.set(`${groupId} ${offset.topic}-${offset.partition}`, { groupId, offset });
    }
    this.#pending.set(producerId, pending);
  }

  end(producerId: bigint, epoch: number, outcome: 'commit' | 'abort'): void {
    this.#epochs.set(producerId, Math.max(epoch, this.#epochs.get(producerId) ?? -1));
    const pending = this.#pending.get(producerId) ?? new Map<string, never>();
    this.#pending.delete(producerId);
    if (outcome === 'abort') return;
    for (const [name, { offset }] of pending) {
      this.#committed.set(name, { offset: offset.offset, metadata: offset.metadata });
    }
  }
}
