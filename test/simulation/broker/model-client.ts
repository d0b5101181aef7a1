import type * as port from '#streams/runtime/kafka/kafka';
import type { KafkaError } from '#streams/runtime/kafka/kafka';
import type { Api } from '../faults.ts';
import type { SimProcess } from '../sim-process.ts';
import { delayedFetch } from './delayed-fetch.ts';
import { noAnswer, refusal } from './errors.ts';
import { groupKey, transactionKey, type ModelBroker } from './model-broker.ts';
import type { PartitionOffset } from './group-offsets.ts';

/**
 * The runtime's port to Kafka, as one process has it: finds brokers by what it has heard of them, and sends single
 * requests, each of which may be delayed or lost on either way.
 */
export class ModelClient implements port.Kafka {
  readonly #model: ModelBroker;
  readonly #process: SimProcess;
  #leaders: Map<string, number> | undefined;
  readonly #coordinators = new Map<string, number>();
  #isClosed = false;

  constructor(model: ModelBroker, process: SimProcess) {
    this.#model = model;
    this.#process = process;
  }

  partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    const { cluster } = this.#model;
    return this.#request('metadata', topics.join(), this.#anyBroker(), () => {
      const found = topics.flatMap((topic) => {
        const logs = cluster.topics.get(topic);
        return logs ? [[topic, logs.length] as const] : [];
      });
      return new Map(found);
    });
  }

  createTopics(topics: readonly port.NewTopic[]): Promise<void> {
    const names = topics.map((t) => t.name).join();
    return this.#request('createTopics', names, this.#anyBroker(), () => {
      for (const { name, partitions } of topics) this.#model.createTopic(name, partitions);
    });
  }

  maxMessageBytes(topic: string): Promise<number | undefined> {
    const { cluster, faults } = this.#model;
    return this.#request('describeConfigs', topic, this.#anyBroker(), () => {
      const maxBytes = cluster.topics.get(topic)?.[0]?.limit.maxBytes;
      return faults.isSecretive() ? undefined : maxBytes;
    });
  }

  async listOffsets(
    partitions: readonly port.TopicPartition[],
    at: 'earliest' | 'latest',
  ): Promise<number[]> {
    const found = new Map<port.TopicPartition, number>();
    const { cluster } = this.#model;
    const led = await Promise.all(partitions.map((partition) => this.leader(partition)));
    for (const leader of new Set(led)) {
      const asked = partitions.filter((_, i) => led[i] === leader);
      const names = asked.map(nameOf).join();
      await this.#request('listOffsets', `${names} ${at}`, leader, () => {
        for (const partition of asked) {
          const log = cluster.find(partition);
          if (cluster.leaderOf(log) !== leader) throw refusal('NOT_LEADER_FOR_PARTITION');
          found.set(partition, at === 'earliest' ? 0 : log.lastStableOffset);
        }
      });
    }
    return partitions.map((partition) => found.get(partition)!);
  }

  async committedOffsets(
    groupId: string,
    partitions: readonly port.TopicPartition[],
  ): Promise<(port.GroupOffset | undefined)[]> {
    const names = partitions.map(nameOf).join();
    return this.#coordinated('offsetFetch', names, groupKey(groupId), () =>
      partitions.map((partition) => this.#model.offsets.committed(groupId, partition)),
    );
  }

  async leader(partition: port.TopicPartition): Promise<number> {
    if (!this.#leaders) await this.refresh();
    const leader = this.#leaders?.get(nameOf(partition));
    if (leader !== undefined) return leader;
    this.#leaders = undefined;
    throw refusal('LEADER_NOT_AVAILABLE', nameOf(partition));
  }

  fetch(
    leader: number,
    positions: readonly port.FetchPosition[],
    maxWaitMs: number,
  ): Promise<port.FetchedPartition[]> {
    // What the request says when it is sent; the caller moves its offsets on.
    const asked = positions.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    const names = asked.map((position) => `${nameOf(position)}@${position.offset}`).join();
    return this.#request('fetch', names, leader, () =>
      delayedFetch(leader, asked, maxWaitMs, this.#model),
    );
  }

  initProducerId(id: string, timeoutMs: number): Promise<port.ProducerId> {
    return this.#coordinated('initProducerId', id, transactionKey(id), () =>
      this.#model.transactions.initProducerId(id, timeoutMs, this.#process.name),
    );
  }

  addPartitionsToTxn(
    producer: port.Producer,
    partitions: readonly port.TopicPartition[],
  ): Promise<void> {
    const what = `${nameOfProducer(producer)} ${partitions.map(nameOf).join()}`;
    const key = transactionKey(producer.transactionalId);
    return this.#coordinated('addPartitionsToTxn', what, key, () => {
      this.#model.transactions.addPartitions(producer, partitions);
    });
  }

  produce(
    producer: Writer,
    leader: number,
    batches: readonly port.ProduceBatch[],
  ): Promise<(number | KafkaError)[]> {
    const names = batches.map((b) => `${nameOf(b)}#${b.baseSequence}+${b.records.length}`);
    const what = `${nameOfProducer(producer)} ${names.join()}`;
    return this.#request('produce', what, leader, () =>
      batches.map((batch) => attempt(() => this.#append(producer, leader, batch))),
    );
  }

  async sendOffsetsToTxn(
    producer: port.Producer,
    groupId: string,
    offsets: readonly PartitionOffset[],
  ): Promise<void> {
    const { transactions } = this.#model;
    const what = `${nameOfProducer(producer)} ${offsets.map((o) => `${nameOf(o)}@${o.offset}`).join()}`;
    const key = transactionKey(producer.transactionalId);
    await this.#coordinated('addOffsetsToTxn', what, key, () => {
      transactions.addOffsets(producer);
    });
    await this.#coordinated('txnOffsetCommit', what, groupKey(groupId), () => {
      transactions.verifyOffsets(producer);
      this.#model.offsets.add(groupId, producer, offsets);
    });
  }

  endTxn(producer: port.Producer, outcome: 'commit' | 'abort'): Promise<void> {
    const what = `${nameOfProducer(producer)} ${outcome}`;
    return this.#coordinated('endTxn', what, transactionKey(producer.transactionalId), () => {
      this.#model.transactions.endTxn(producer, outcome, this.#process.name);
    });
  }

  commitOffsets(member: port.Member, offsets: readonly PartitionOffset[]): Promise<void> {
    const all = offsets.map((o) => `${nameOf(o)}@${o.offset}`).join();
    const what = `${member.memberId} of generation ${member.generation} ${all}`;
    return this.#coordinated('offsetCommit', what, groupKey(member.groupId), () => {
      this.#model.commitOffsets(member, offsets);
    });
  }

  joinGroup(request: port.JoinRequest): Promise<port.JoinResponse> {
    const what = request.memberId === '' ? `new ${request.instanceId}` : request.memberId;
    return this.#coordinated('joinGroup', what, groupKey(request.groupId), () =>
      this.#model.join(request),
    );
  }

  syncGroup(member: port.Member, assignments: ReadonlyMap<string, Buffer>): Promise<Buffer> {
    const what = `${member.memberId} of generation ${member.generation}`;
    return this.#coordinated('syncGroup', what, groupKey(member.groupId), () =>
      this.#model.group(member.groupId).sync(member, assignments),
    );
  }

  heartbeat(member: port.Member): Promise<void> {
    return this.#coordinated('heartbeat', member.memberId, groupKey(member.groupId), () => {
      this.#model.group(member.groupId).heartbeat(member);
    });
  }

  leaveGroup(member: port.Member): Promise<void> {
    return this.#coordinated('leaveGroup', member.memberId, groupKey(member.groupId), () => {
      this.#model.group(member.groupId).leave(member);
    });
  }

  async refresh(): Promise<void> {
    this.#coordinators.clear();
    const { cluster, faults } = this.#model;
    this.#leaders = await this.#request('metadata', 'leaders', this.#anyBroker(), () => {
      const isStale = faults.isMetadataStale();
      return new Map(
        cluster.logs.map((log) => [
          log.name,
          isStale ? cluster.formerLeaderOf(log) : cluster.leaderOf(log),
        ]),
      );
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #append(producer: Writer, leader: number, batch: port.ProduceBatch): number {
    const { cluster, transactions } = this.#model;
    const { baseSequence, records, timestamp } = batch;
    const log = cluster.find(batch);
    if (cluster.leaderOf(log) !== leader) throw refusal('NOT_LEADER_FOR_PARTITION', log.name);
    const { transactionalId } = producer;
    if (transactionalId === undefined)
      return log.appendOf(producer, baseSequence, records, timestamp, false);
    if (!log.hasOpenTransaction(producer.producerId))
      transactions.verify({ ...producer, transactionalId }, batch);
    return log.appendOf(producer, baseSequence, records, timestamp);
  }

  async #coordinated<T>(
    api: Api,
    what: string,
    id: string,
    execute: () => T | Promise<T>,
  ): Promise<T> {
    const { cluster } = this.#model;
    let broker = this.#coordinators.get(id);
    if (broker === undefined) {
      broker = await this.#request('findCoordinator', id, this.#anyBroker(), () =>
        cluster.coordinatorOf(id),
      );
      this.#coordinators.set(id, broker);
    }
    const coordinator = broker;
    return this.#request(api, what, coordinator, () => {
      cluster.mustCoordinate(coordinator, id);
      return execute();
    });
  }

  /** One that is up, as a client finds it by trying. */
  #anyBroker(): number {
    const { cluster, random } = this.#model;
    const up = cluster.brokers.filter((broker) => cluster.isUp(broker));
    return random.pick(up.length > 0 ? up : cluster.brokers);
  }

  async #request<T>(
    api: Api,
    what: string,
    broker: number,
    execute: () => T | Promise<T>,
  ): Promise<T> {
    const { faults, scheduler, trace, observer } = this.#model;
    const process = this.#process;
    if (this.#isClosed) observer.onBroken(`${process.name} is closed, and sends ${api} ${what}`);
    // What a dead process asks for, or waits for, does not happen.
    if (process.isDead) return never();
    faults.strike({ at: 'sent', api }, process);
    if (isDead(process)) return never();
    const { loss, lossMs, lateMs, sendMs, answerMs } = faults.fate(api);
    const isLost = loss !== 'none';
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void, ms: number) => scheduler.after(ms, settle, process);
      const run = async () => {
        try {
          const result = await this.#execute(broker, execute);
          trace.add(process.name, () => `${api} ${what}${isLost ? ` (${loss} lost)` : ''}`);
          faults.strike({ at: 'executed', api }, process);
          if (!isLost) answer(() => resolve(result), answerMs);
        } catch (error) {
          const refused = error as Error;
          trace.add(process.name, () => `${api} ${what}: ${refused.message}`);
          if (!isLost) answer(() => reject(refused), answerMs);
        }
      };
      if (isLost) {
        trace.add(process.name, () => `${api} ${what}: ${loss} will be lost`);
        answer(() => reject(noAnswer(`${api}, ${loss} lost`)), lossMs);
      }
      if (loss !== 'request')
        scheduler.after(loss === 'late' ? lossMs + lateMs : sendMs, () => void run());
    });
  }

  async #execute<T>(broker: number, execute: () => T | Promise<T>): Promise<T> {
    this.#mustReach(broker);
    const result = await execute();
    this.#mustReach(broker);
    return result;
  }

  #mustReach(broker: number): void {
    const { cluster, scheduler } = this.#model;
    if (this.#process.cutOffUntil > scheduler.now) throw noAnswer('cut off');
    cluster.mustBeUp(broker);
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** Asked again, after something may have happened to it. */
function isDead(process: SimProcess): boolean {
  return process.isDead;
}

type Writer = port.ProducerId & { readonly transactionalId?: string };

function attempt<T>(call: () => T): T | KafkaError {
  try {
    return call();
  } catch (error) {
    return error as KafkaError;
  }
}

function nameOf({ topic, partition }: port.TopicPartition): string {
  return `${topic}-${partition}`;
}

function nameOfProducer({ transactionalId, producerId, epoch }: Writer): string {
  return `${transactionalId ?? ''} ${producerId}/${epoch}`;
}
