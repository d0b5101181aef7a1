import type { OutputRecord } from '../../task/commit.ts';
import type { RawRecord } from '../../task/input-record.ts';

/**
 * All that the runtime asks of Kafka: single requests, each sent to whoever leads or coordinates what it is about.
 * Retrying is the caller's; an implementation only finds brokers and speaks the protocol. Every call may throw a `KafkaError`.
 */
export interface Kafka {
  /** Partition counts of the topics that exist. */
  partitionCounts(topics: readonly string[]): Promise<Map<string, number>>;
  /** Makes topics; those that exist are left as they are. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  /** The largest record batch that a topic takes, bytes; undefined when the broker does not say (the right may be missing). */
  maxMessageBytes(topic: string): Promise<number | undefined>;

  /** The first offset, or the one behind the last committed record. In the partitions' order. */
  listOffsets(partitions: readonly TopicPartition[], at: 'earliest' | 'latest'): Promise<number[]>;
  /** What the group has committed, undefined where it has not. In the partitions' order. */
  committedOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<(GroupOffset | undefined)[]>;
  /** The broker to fetch a partition from. */
  leader(partition: TopicPartition): Promise<number>;
  /** Committed records (read_committed) from one broker; waits up to `maxWaitMs` when there is none. */
  fetch(
    leader: number,
    positions: readonly FetchPosition[],
    maxWaitMs: number,
  ): Promise<FetchedPartition[]>;

  /** Fences every earlier producer with this id, and ends its open transaction. */
  initProducerId(transactionalId: string, transactionTimeoutMs: number): Promise<ProducerId>;
  addPartitionsToTxn(producer: Producer, partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Writes one batch per partition, all led by one broker: in the open transaction of a producer that has a transactional id,
   * else outside of any. Answers for each batch, in their order, its base offset, or why it was not appended.
   */
  produce(
    producer: ProducerId & { readonly transactionalId?: string },
    leader: number,
    batches: readonly ProduceBatch[],
  ): Promise<(number | KafkaError)[]>;
  sendOffsetsToTxn(
    producer: Producer,
    groupId: string,
    offsets: readonly (TopicPartition & GroupOffset)[],
  ): Promise<void>;
  endTxn(producer: Producer, outcome: 'commit' | 'abort'): Promise<void>;
  /** Commits offsets outside of a transaction; refused when the member is not one of the group's generation. */
  commitOffsets(member: Member, offsets: readonly (TopicPartition & GroupOffset)[]): Promise<void>;

  joinGroup(request: JoinRequest): Promise<JoinResponse>;
  syncGroup(member: Member, assignments: ReadonlyMap<string, Buffer>): Promise<Buffer>;
  heartbeat(member: Member): Promise<void>;
  leaveGroup(member: Member): Promise<void>;

  /** Forgets what is known of leaders and coordinators, e.g. after an error that says it is stale. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface GroupOffset {
  readonly offset: number;
  readonly metadata: string | null;
}

export interface FetchPosition extends TopicPartition {
  readonly offset: number;
  /** At most how much of the partition, while a batch is not larger. Default 64 KB. */
  readonly maxBytes?: number;
}

export interface FetchedPartition extends TopicPartition {
  readonly error: KafkaError | undefined;
  readonly records: readonly RawRecord[];
  /** Where fetching goes on: behind everything read, control and aborted records included. */
  readonly nextOffset: number;
  /** The partition's end for read_committed readers at the time of the answer. */
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

export interface ProducerId {
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface Producer extends ProducerId {
  readonly transactionalId: string;
}

export interface ProduceBatch extends TopicPartition {
  readonly records: readonly OutputRecord[];
  /** Sequence number of the first record. */
  readonly baseSequence: number;
  /** Record timestamp, epoch ms; topics with append time replace it. */
  readonly timestamp: number;
}

export interface Member {
  readonly groupId: string;
  readonly memberId: string;
  /** Static membership (KIP-345): the same instance takes its old place at once. */
  readonly instanceId: string;
  readonly generation: number;
}

export interface JoinRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocol: string;
  readonly metadata: Buffer;
}

export interface JoinResponse {
  readonly generation: number;
  readonly memberId: string;
  readonly leaderId: string;
  /** Everyone's metadata, for the leader only. */
  readonly members: readonly { memberId: string; metadata: Buffer }[];
}

/** An error of the protocol or the network. */
export class KafkaError extends Error {
  override name = 'KafkaError';
  /** Kafka's name of the error code, `NETWORK` when there was no answer, `UNKNOWN` for a code that is not known. */
  readonly type: string;

  constructor(type: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.type = type;
  }

  /** Another producer has this transactional id now, or the transaction timed out. */
  get isFenced(): boolean {
    return FENCED.has(this.type);
  }

  /** Worth trying again, once leaders and coordinators are looked up anew. */
  get isRetriable(): boolean {
    return RETRIABLE.has(this.type);
  }

  /** A batch was not appended because of what it holds: others may be. */
  get isRefusal(): boolean {
    return REFUSALS.has(this.type);
  }

  /** A batch was not appended since it is too large. */
  get isTooLarge(): boolean {
    return this.type === 'MESSAGE_TOO_LARGE' || this.type === 'RECORD_LIST_TOO_LARGE';
  }
}

const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

const FENCED = new Set([
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
  'TRANSACTION_COORDINATOR_FENCED',
  // kafkajs does not know the newer codes, PRODUCER_FENCED (90) among them.
  'KAFKAJS_UNKNOWN_ERROR_CODE',
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
]);

const RETRIABLE = new Set([
  'NETWORK',
  'CONCURRENT_TRANSACTIONS',
  'OPERATION_NOT_ATTEMPTED',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
  'NETWORK_EXCEPTION',
  'UNSTABLE_OFFSET_COMMIT',
  'CORRUPT_MESSAGE',
]);
