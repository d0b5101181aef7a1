import type { KafkaConfig } from 'kafkajs';
import type * as port from './kafka.ts';
import { KafkaError } from './kafka.ts';
import { fetchRequest } from './fetch-request.ts';
import { createCluster, FETCHES, MAIN } from './kafkajs-cluster.ts';
import { kafkaErrorFromCode, toKafkaError } from './kafkajs-errors.ts';
import { protocol } from './kafkajs-internals.ts';
import type { Broker, Cluster, ProtocolRequest, ProtocolResponse } from './kafkajs-internals.ts';
import { produceRequest } from './produce-request.ts';

const TRANSACTION = 1;
const READ_COMMITTED = 1;
const EARLIEST = -2;
const LATEST = -1;
/** Of the kinds of things that have configurations. */
const TOPIC = 2;
/** Error code of a topic that does not exist. */
const UNKNOWN_TOPIC = 3;

/** The port over kafkajs's connections and single requests. */
export class KafkaJsKafka implements port.Kafka {
  readonly #data: Cluster;
  /** Of its own: a JoinGroup that waits for the other members would hold up whatever shares its connection. */
  readonly #group: Cluster;
  readonly #coordinators = new Map<string, Promise<Broker>>();
  readonly #topics = new Set<string>();

  constructor(config: KafkaConfig) {
    this.#data = createCluster(config);
    this.#group = createCluster(config);
  }

  partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    return this.#call('metadata', async () => {
      await this.#data.connect();
      const broker = await this.#data.brokerPool.findConnectedBroker();
      const counts = new Map<string, number>();
      for (const topic of topics) {
        const count = await partitionCount(broker, topic);
        if (count !== undefined) counts.set(topic, count);
      }
      return counts;
    });
  }

  createTopics(topics: readonly port.NewTopic[]): Promise<void> {
    return this.#call(`creating ${topics.map((t) => t.name).join(', ')}`, async () => {
      await this.#data.connect();
      await this.#data.refreshMetadata();
      const broker = await this.#data.findControllerBroker();
      for (const { name, partitions, config } of topics) {
        const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
        const topic = { topic: name, numPartitions: partitions, configEntries };
        await broker.createTopics({ topics: [topic] }).catch((error: unknown) => {
          const fault = toKafkaError(aggregated(error), `creating ${name}`);
          if (fault.type !== 'TOPIC_ALREADY_EXISTS') throw fault;
        });
      }
    });
  }

  async maxMessageBytes(topic: string): Promise<number | undefined> {
    const name = 'max.message.bytes';
    try {
      const { resources } = await this.#call(`configuration of ${topic}`, async () => {
        await this.#data.connect();
        const broker = await this.#data.brokerPool.findConnectedBroker();
        return broker.describeConfigs({
          resources: [{ type: TOPIC, name: topic, configNames: [name] }],
        });
      });
      const entry = resources[0]?.configEntries.find(({ configName }) => configName === name);
      return entry?.configValue ? Number(entry.configValue) : undefined;
    } catch (error) {
      if (error instanceof KafkaError && error.type === 'TOPIC_AUTHORIZATION_FAILED')
        return undefined;
      throw error;
    }
  }

  async listOffsets(
    partitions: readonly port.TopicPartition[],
    at: 'earliest' | 'latest',
  ): Promise<number[]> {
    const found = new Map<string, number>();
    for (const [leader, led] of await this.#byLeader(partitions)) {
      const topics = byTopic(led, ({ partition }) => ({
        partition,
        timestamp: at === 'earliest' ? EARLIEST : LATEST,
      }));
      const { responses } = await this.#call('listOffsets', async () => {
        const broker = await this.#broker(leader);
        return broker.listOffsets({ replicaId: -1, isolationLevel: READ_COMMITTED, topics });
      });
      for (const { topic, partitions: answers } of responses) {
        for (const { partition, offset } of answers)
          found.set(`${topic}-${partition}`, Number(offset));
      }
    }
    return partitions.map(({ topic, partition }) => found.get(`${topic}-${partition}`)!);
  }

  async committedOffsets(
    groupId: string,
    partitions: readonly port.TopicPartition[],
  ): Promise<(port.GroupOffset | undefined)[]> {
    const { responses } = await this.#coordinated(
      'GROUP',
      groupId,
      `offsets of '${groupId}'`,
      (broker) =>
        broker.offsetFetch({
          groupId,
          topics: byTopic(partitions, ({ partition }) => ({ partition })),
        }),
    );
    return partitions.map(({ topic, partition }) => {
      const answer = responses
        .find((r) => r.topic === topic)
        ?.partitions.find((p) => p.partition === partition);
      if (!answer || Number(answer.offset) < 0) return undefined;
      return { offset: Number(answer.offset), metadata: answer.metadata };
    });
  }

  leader(partition: port.TopicPartition): Promise<number> {
    const name = `${partition.topic}-${partition.partition}`;
    return this.#call(`leader of ${name}`, async () => {
      await this.#data.connect();
      if (!this.#topics.has(partition.topic)) {
        await this.#data.addMultipleTargetTopics([partition.topic]);
        this.#topics.add(partition.topic);
      }
      const topic = this.#data.brokerPool.metadata?.topicMetadata.find(
        (t) => t.topic === partition.topic,
      );
      if (topic && topic.topicErrorCode !== 0) throw kafkaErrorFromCode(topic.topicErrorCode, name);
      const known = topic?.partitionMetadata.find((p) => p.partitionId === partition.partition);
      if (!known || known.leader < 0)
        throw new KafkaError('LEADER_NOT_AVAILABLE', `${name} has no leader`);
      return known.leader;
    });
  }

  fetch(
    leader: number,
    positions: readonly port.FetchPosition[],
    maxWaitMs: number,
  ): Promise<port.FetchedPartition[]> {
    return this.#call(`fetch from broker ${leader}`, async () => {
      const broker = await this.#broker(leader);
      return (await this.#send(
        broker,
        FETCHES,
        fetchRequest(positions, maxWaitMs),
      )) as port.FetchedPartition[];
    });
  }

  async initProducerId(
    transactionalId: string,
    transactionTimeout: number,
  ): Promise<port.ProducerId> {
    const answer = await this.#coordinated(
      'TRANSACTION',
      transactionalId,
      'initProducerId',
      (broker) => broker.initProducerId({ transactionalId, transactionTimeout }),
    );
    return { producerId: BigInt(answer.producerId), epoch: answer.producerEpoch };
  }

  async addPartitionsToTxn(
    producer: port.Producer,
    partitions: readonly port.TopicPartition[],
  ): Promise<void> {
    const topics = byTopic(partitions, ({ partition }) => partition);
    await this.#coordinated(
      'TRANSACTION',
      producer.transactionalId,
      'addPartitionsToTxn',
      (broker) => broker.addPartitionsToTxn({ ...producerFields(producer), topics }),
    );
  }

  produce(
    producer: port.ProducerId & { readonly transactionalId?: string },
    leader: number,
    batches: readonly port.ProduceBatch[],
  ): Promise<(number | KafkaError)[]> {
    return this.#call(`produce to broker ${leader}`, async () => {
      const broker = await this.#broker(leader);
      const answer = await this.#send(broker, MAIN, produceRequest(producer, batches));
      return answer as (number | KafkaError)[];
    });
  }

  async sendOffsetsToTxn(
    producer: port.Producer,
    groupId: string,
    offsets: readonly (port.TopicPartition & port.GroupOffset)[],
  ): Promise<void> {
    const fields = { ...producerFields(producer), groupId };
    await this.#coordinated('TRANSACTION', producer.transactionalId, 'addOffsetsToTxn', (broker) =>
      broker.addOffsetsToTxn(fields),
    );
    const topics = byTopic(offsets, offsetFields);
    await this.#coordinated('GROUP', groupId, 'txnOffsetCommit', (broker) =>
      broker.txnOffsetCommit({ ...fields, topics }),
    );
  }

  async commitOffsets(
    { groupId, memberId, generation }: port.Member,
    offsets: readonly (port.TopicPartition & port.GroupOffset)[],
  ): Promise<void> {
    const topics = byTopic(offsets, offsetFields);
    const fields = { groupId, memberId, groupGenerationId: generation, topics };
    await this.#coordinated('GROUP', groupId, `offsetCommit of '${groupId}'`, (broker) =>
      broker.offsetCommit(fields),
    );
  }

  async endTxn(producer: port.Producer, outcome: 'commit' | 'abort'): Promise<void> {
    const transactionResult = outcome === 'commit';
    await this.#coordinated(
      'TRANSACTION',
      producer.transactionalId,
      `endTxn (${outcome})`,
      (broker) => broker.endTxn({ ...producerFields(producer), transactionResult }),
    );
  }

  async joinGroup(request: port.JoinRequest): Promise<port.JoinResponse> {
    const { groupId, instanceId: groupInstanceId, protocol: name, metadata, ...rest } = request;
    const answer = (await this.#groupRequest(
      groupId,
      'joinGroup',
      protocolOf('joinGroup', 5, {
        groupId,
        groupInstanceId,
        memberId: rest.memberId,
        sessionTimeout: rest.sessionTimeoutMs,
        rebalanceTimeout: rest.rebalanceTimeoutMs,
        protocolType: 'consumer',
        groupProtocols: [{ name, metadata }],
      }),
      // It is answered when everyone has joined, or the rebalance timeout is over.
      rest.rebalanceTimeoutMs + 10_000,
    )) as { generationId: number; memberId: string; leaderId: string; members: JoinedMember[] };
    return {
      generation: answer.generationId,
      memberId: answer.memberId,
      leaderId: answer.leaderId,
      members: answer.members.map((m) => ({ memberId: m.memberId, metadata: m.memberMetadata })),
    };
  }

  async syncGroup(member: port.Member, assignments: ReadonlyMap<string, Buffer>): Promise<Buffer> {
    const answer = (await this.#groupRequest(
      member.groupId,
      'syncGroup',
      protocolOf('syncGroup', 3, {
        ...memberFields(member),
        generationId: member.generation,
        groupAssignment: [...assignments].map(([memberId, memberAssignment]) => ({
          memberId,
          memberAssignment,
        })),
      }),
    )) as { memberAssignment: Buffer };
    return answer.memberAssignment;
  }

  async heartbeat(member: port.Member): Promise<void> {
    const fields = { ...memberFields(member), groupGenerationId: member.generation };
    await this.#groupRequest(member.groupId, 'heartbeat', protocolOf('heartbeat', 3, fields));
  }

  async leaveGroup({ groupId, memberId, instanceId }: port.Member): Promise<void> {
    const members = [{ memberId, groupInstanceId: instanceId }];
    const leave = protocolOf('leaveGroup', 3, { groupId, members });
    await this.#groupRequest(groupId, 'leaveGroup', leave);
  }

  refresh(): Promise<void> {
    this.#coordinators.clear();
    return this.#call('metadata', async () => {
      await this.#data.connect();
      await this.#data.refreshMetadata();
    });
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#data.disconnect(), this.#group.disconnect()]);
  }

  #groupRequest(
    groupId: string,
    what: string,
    request: { request: ProtocolRequest; response: ProtocolResponse },
    requestTimeout?: number,
  ): Promise<unknown> {
    return this.#call(`${what} of '${groupId}'`, async () => {
      const broker = await this.#coordinator(this.#group, 'GROUP', groupId);
      return this.#send(broker, MAIN, request, requestTimeout);
    });
  }

  #coordinated<T>(
    type: 'GROUP' | 'TRANSACTION',
    id: string,
    what: string,
    send: (broker: Broker) => Promise<T>,
  ): Promise<T> {
    return this.#call(what, async () => {
      return send(await this.#coordinator(this.#data, type, id));
    });
  }

  async #coordinator(cluster: Cluster, type: 'GROUP' | 'TRANSACTION', id: string): Promise<Broker> {
    const key = `${cluster === this.#data ? 'data' : 'group'} ${type} ${id}`;
    let found = this.#coordinators.get(key);
    if (!found) {
      found = (async () => {
        await cluster.connect();
        if (cluster === this.#group) await cluster.refreshMetadata();
        // One that can be reached: the coordinator itself may be the one that is gone.
        const anyone = await cluster.brokerPool.findConnectedBroker();
        const { coordinator } = await anyone.findGroupCoordinator({
          groupId: id,
          ...(type === 'TRANSACTION' && { coordinatorType: TRANSACTION }),
        });
        return cluster.findBroker(coordinator);
      })();
      this.#coordinators.set(key, found);
      found.catch(() => this.#coordinators.delete(key));
    }
    return found;
  }

  async #broker(nodeId: number): Promise<Broker> {
    await this.#data.connect();
    return this.#data.findBroker({ nodeId });
  }

  async #byLeader(
    partitions: readonly port.TopicPartition[],
  ): Promise<Map<number, port.TopicPartition[]>> {
    const led = new Map<number, port.TopicPartition[]>();
    for (const partition of partitions) {
      const leader = await this.leader(partition);
      led.set(leader, [...(led.get(leader) ?? []), partition]);
    }
    return led;
  }

  async #send(
    broker: Broker,
    index: number,
    request: { request: ProtocolRequest; response: ProtocolResponse },
    requestTimeout?: number,
  ): Promise<unknown> {
    const connection = await broker.connectionPool.getConnection(index);
    return connection.send({ ...request, ...(requestTimeout && { requestTimeout }) });
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw toKafkaError(error, what);
    }
  }
}

interface JoinedMember {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

/** Undefined when the topic does not exist. */
async function partitionCount(broker: Broker, topic: string): Promise<number | undefined> {
  const [found] = (await broker.metadata([topic])).topicMetadata;
  if (!found || found.topicErrorCode === UNKNOWN_TOPIC) return undefined;
  if (found.topicErrorCode !== 0) throw kafkaErrorFromCode(found.topicErrorCode, topic);
  return found.partitionMetadata.length;
}

/** kafkajs wraps the errors of several topics in one; there was one topic. */
function aggregated(error: unknown): unknown {
  const { errors } = error as { errors?: unknown[] };
  return errors?.[0] ?? error;
}

function byTopic<T extends port.TopicPartition, R>(
  items: readonly T[],
  partition: (item: T) => R,
): { topic: string; partitions: R[] }[] {
  const topics = new Map<string, R[]>();
  for (const item of items)
    topics.set(item.topic, [...(topics.get(item.topic) ?? []), partition(item)]);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

function offsetFields({ partition, offset, metadata }: port.TopicPartition & port.GroupOffset) {
  return { partition, offset, metadata };
}

function protocolOf(api: string, version: number, options: object) {
  const { request, response } = protocol(api, version);
  return { request: request(options), response };
}

function memberFields({ groupId, memberId, instanceId }: port.Member) {
  return { groupId, memberId, groupInstanceId: instanceId };
}

function producerFields({ transactionalId, producerId, epoch }: port.Producer) {
  return { transactionalId, producerId: producerId.toString(), producerEpoch: epoch };
}
