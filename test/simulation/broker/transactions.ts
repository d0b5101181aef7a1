import type { Producer, ProducerId, TopicPartition } from '#streams/runtime/kafka/kafka';
import type { Random } from '../random.ts';
import type { ScheduledEvent, Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { refusal } from './errors.ts';
import type { GroupOffsets, PartitionOffset } from './group-offsets.ts';
import type { LogEntry, PartitionLog } from './partition-log.ts';

/** A transaction at the instant at which nothing can stop its commit any more. */
export interface CommittedTransaction {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly epoch: number;
  /** The client that asked for the commit. */
  readonly client: string;
  readonly records: readonly { readonly log: PartitionLog; readonly entry: LogEntry }[];
  readonly offsets: readonly PartitionOffset[];
}

type Outcome = 'commit' | 'abort';

interface Transaction {
  readonly id: string;
  producerId: bigint;
  epoch: number;
  state: 'EMPTY' | 'ONGOING' | 'PREPARED' | 'COMPLETE';
  outcome: Outcome | undefined;
  timeoutMs: number;
  timeout: ScheduledEvent | undefined;
  partitions: Map<string, TopicPartition>;
  hasOffsets: boolean;
  /** Markers on their way. */
  unwritten: number;
}

export interface TransactionsOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly offsets: GroupOffsets;
  readonly log: (partition: TopicPartition) => PartitionLog;
  /** How long a marker takes to be written. */
  readonly markerDelayMs: () => number;
  /** A producer id ends after this many epochs. */
  readonly lastEpoch: number;
  readonly onCommitted: (transaction: CommittedTransaction) => void;
  readonly onProducer: (producer: ProducerId, client: string) => void;
}

/**
 * The transaction coordinators' side of the protocol, for clients without KIP-890: one transactional id has one
 * producer id and epoch that count.
 *
 * C1. `initProducerId` answers only when no transaction of the id is open or being ended, and with an epoch never given before.
 * C2. What was asked for with another epoch is refused.
 * C3. An ending transaction answers CONCURRENT_TRANSACTIONS until its last marker is written.
 */
export class Transactions {
  readonly #options: TransactionsOptions;
  readonly #transactions = new Map<string, Transaction>();
  #nextProducerId = 1000n;

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  get isQuiet(): boolean {
    return [...this.#transactions.values()].every(
      ({ state }) => state === 'EMPTY' || state === 'COMPLETE',
    );
  }

  get ids(): string[] {
    return [...this.#transactions.keys()];
  }

  initProducerId(id: string, timeoutMs: number, client: string): ProducerId {
    const known = this.#transactions.get(id);
    if (known?.state === 'ONGOING') {
      known.epoch++;
      this.#end(known, 'abort', client);
    }
    if (known?.state === 'PREPARED') throw refusal('CONCURRENT_TRANSACTIONS', id);
    const found = known ?? this.#new(id);
    if (!known) this.#transactions.set(id, found);
    else if (found.epoch >= this.#options.lastEpoch) {
      found.producerId = this.#nextProducerId++;
      found.epoch = 0;
    } else found.epoch++;
    found.state = 'EMPTY';
    found.outcome = undefined;
    found.timeoutMs = timeoutMs;
    const { producerId, epoch } = found;
    this.#options.onProducer({ producerId, epoch }, client);
    return { producerId, epoch };
  }

  addPartitions(producer: Producer, partitions: readonly TopicPartition[]): void {
    const transaction = this.#open(producer);
    for (const { topic, partition } of partitions) {
      transaction.partitions.set(`${topic}-${partition}`, { topic, partition });
    }
  }

  addOffsets(producer: Producer): void {
    this.#open(producer).hasOffsets = true;
  }

  /** Whether a partition may be written to by this producer now (the broker asks since Kafka 3.6). */
  verify(producer: Producer, { topic, partition }: TopicPartition): void {
    const transaction = this.#find(producer);
    const isPart = transaction.partitions.has(`${topic}-${partition}`);
    if (transaction.state !== 'ONGOING' || !isPart) throw refusal('INVALID_TXN_STATE', topic);
  }

  verifyOffsets(producer: Producer): void {
    const { state, hasOffsets } = this.#find(producer);
    if (state !== 'ONGOING' || !hasOffsets) throw refusal('INVALID_TXN_STATE', 'offsets');
  }

  endTxn(producer: Producer, outcome: Outcome, client: string): void {
    const transaction = this.#find(producer);
    if (transaction.state === 'ONGOING') {
      this.#end(transaction, outcome, client);
      return;
    }
    if (transaction.outcome !== outcome) {
      throw refusal('INVALID_TXN_STATE', `${outcome} in ${transaction.state}`);
    }
    if (transaction.state === 'PREPARED') throw refusal('CONCURRENT_TRANSACTIONS');
  }

  #open(producer: Producer): Transaction {
    const transaction = this.#find(producer);
    if (transaction.state === 'PREPARED') throw refusal('CONCURRENT_TRANSACTIONS', transaction.id);
    if (transaction.state === 'ONGOING') return transaction;
    transaction.state = 'ONGOING';
    transaction.outcome = undefined;
    const { scheduler, random } = this.#options;
    const after = transaction.timeoutMs + random.int(0, 500);
    transaction.timeout = scheduler.after(after, () => this.#expire(transaction));
    return transaction;
  }

  #expire(transaction: Transaction): void {
    this.#options.trace.add('broker', () => `${transaction.id}: transaction timed out`);
    transaction.epoch++;
    this.#end(transaction, 'abort', 'broker');
  }

  #end(transaction: Transaction, outcome: Outcome, client: string): void {
    const { id, producerId, epoch, partitions, hasOffsets } = transaction;
    const { log, offsets, onCommitted, scheduler, trace } = this.#options;
    if (transaction.timeout) transaction.timeout.isCancelled = true;
    transaction.state = 'PREPARED';
    transaction.outcome = outcome;
    trace.add('broker', () => `${id}: ${outcome} of ${producerId}/${epoch} decided for ${client}`);
    if (outcome === 'commit') {
      const records = [...partitions.values()].flatMap((partition) => {
        const found = log(partition);
        return found.openRecords(producerId).map((entry) => ({ log: found, entry }));
      });
      const pending = offsets.pending(producerId);
      onCommitted({ transactionalId: id, producerId, epoch, client, records, offsets: pending });
    }
    const markers = [...partitions.values()].map((partition) => () => {
      log(partition).appendMarker(producerId, epoch, outcome, scheduler.now);
    });
    if (hasOffsets) markers.push(() => offsets.end(producerId, epoch, outcome));
    transaction.partitions = new Map();
    transaction.hasOffsets = false;
    transaction.unwritten = markers.length;
    if (markers.length === 0) transaction.state = 'COMPLETE';
    for (const write of markers) {
      scheduler.after(this.#options.markerDelayMs(), () => {
        write();
        if (--transaction.unwritten > 0) return;
        transaction.state = 'COMPLETE';
        trace.add('broker', () => `${id}: ${outcome} complete`);
      });
    }
  }

  #find({ transactionalId, producerId, epoch }: Producer): Transaction {
    const transaction = this.#transactions.get(transactionalId);
    if (transaction?.producerId !== producerId) throw refusal('INVALID_PRODUCER_ID_MAPPING');
    // Older requests get this name for PRODUCER_FENCED, too.
    if (transaction.epoch !== epoch) throw refusal('INVALID_PRODUCER_EPOCH', transactionalId);
    return transaction;
  }

  #new(id: string): Transaction {
    return {
      id,
      producerId: this.#nextProducerId++,
      epoch: 0,
      state: 'EMPTY',
      outcome: undefined,
      timeoutMs: 0,
      timeout: undefined,
      partitions: new Map(),
      hasOffsets: false,
      unwritten: 0,
    };
  }
}
