import type { Admin } from 'kafkajs';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { eventually, type TestKafka } from './kafka.ts';

const BROKERS = 3;

/** Three brokers of a test's own, that can be killed one by one. */
export class BrokerCluster implements AsyncDisposable {
  readonly #infra: Infra;

  private constructor(infra: Infra) {
    this.#infra = infra;
  }

  static async start(): Promise<BrokerCluster> {
    const infra = await startInfra({
      dataDir: testFolder(),
      components: ['kafka'],
      kafkaBrokers: BROKERS,
      temporary: true,
    });
    return new BrokerCluster(infra);
  }

  /** `KAFKA_BROKERS`. */
  get addresses(): Record<string, string> {
    return this.#infra.addresses;
  }

  /** `kill -9`. */
  kill(broker: number): void {
    this.#infra.kill(`kafka-${broker}`);
  }

  /** Resolves when it serves again. */
  async restart(broker: number): Promise<void> {
    await this.#infra.restart(`kafka-${broker}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#infra.stop();
  }
}

/** Resolves when every replica of every partition has everything: then one broker may be lost. */
export function inSync({ admin }: TestKafka): Promise<true> {
  return eventually('all replicas to be in sync', async () => {
    const { topics } = await admin.fetchTopicMetadata();
    const partitions = topics.flatMap((topic) => topic.partitions);
    return partitions.every(({ isr, replicas }) => isr.length === replicas.length);
  });
}

/** The broker that coordinates a consumer group or a transactional id. */
export async function coordinator(admin: Admin, of: 'group' | 'transaction', id: string) {
  const topic = of === 'group' ? '__consumer_offsets' : '__transaction_state';
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const { partitions } = topics[0]!;
  const number = javaHash(id) % partitions.length;
  return partitions.find(({ partitionId }) => partitionId === number)!.leader;
}

/** As Kafka finds an id's partition: Java's `hashCode`, made positive. */
function javaHash(text: string): number {
  let hash = 0;
  for (const char of text) hash = (Math.imul(31, hash) + char.charCodeAt(0)) | 0;
  return hash & 0x7fffffff;
}
