import type { KafkaConfig } from 'kafkajs';
import {
  ClusterClass,
  kafkaJsLogger,
  plainSocketFactory,
  type Broker,
  type BrokerPool,
  type Cluster,
  type Connection,
  type ConnectionPool,
  type Metadata,
} from './kafkajs-internals.ts';
import { metadataRequest } from './metadata-request.ts';

// Connections of a kafkajs broker: fetches have their own, since a broker answers one request of a connection at a time.
export const MAIN = 0;
export const FETCHES = 1;

/**
 * A kafkajs cluster: it knows brokers and holds connections to them, and survives those that go away.
 *
 * - A connection is of one socket. kafkajs's own, connected again, keeps the first half of an answer that broke off and takes
 *   it for the beginning of the next one; two callers at once open two sockets for it; and the end of an old socket closes it.
 * - A connection on which a request has timed out is closed, and its broker is the last one to be asked about the others:
 *   it may be there, and not answer. kafkajs would ask it again and again.
 * - Metadata are of the topics that are used, and a partition without a leader is only itself without one. kafkajs asks for
 *   all topics while it knows of none, and refuses the whole answer for one partition of whomever's.
 */
export function createCluster(config: KafkaConfig): Cluster {
  const cluster = new ClusterClass({
    connectionTimeout: 10_000,
    socketFactory: plainSocketFactory(),
    ...config,
    // One attempt a call: what to do about a failure is decided above.
    retry: { retries: 0 },
    allowAutoTopicCreation: false,
    logger: kafkaJsLogger(config),
  });
  const { brokerPool } = cluster;
  const { connectionPoolBuilder: builder, createBroker } = brokerPool;
  const silences = new Silences();
  const build = builder.build;
  builder.build = async (destination) => {
    const pool = await build(destination);
    return renewing(pool, () => build(pool), silences);
  };
  brokerPool.createBroker = (options) => lenient(createBroker(options));
  brokerPool.findConnectedBroker = () => leastBurdened(brokerPool, silences);
  return cluster;
}

/** Which brokers did not answer, the latest to do so last. */
class Silences {
  readonly #latest = new WeakMap<ConnectionPool, number>();
  #count = 0;

  add(pool: ConnectionPool): void {
    this.#latest.set(pool, ++this.#count);
  }

  end(pool: ConnectionPool): void {
    this.#latest.delete(pool);
  }

  /** 0: it answers. */
  latest(pool: ConnectionPool): number {
    return this.#latest.get(pool) ?? 0;
  }
}

/** @param build makes another pool to the same broker */
function renewing(
  pool: ConnectionPool,
  build: () => Promise<ConnectionPool>,
  silences: Silences,
): ConnectionPool {
  const connecting = new Map<number, Promise<Connection>>();
  const disconnected = new WeakSet<Connection>();
  const renew = async (index: number) => {
    const former = pool.pool[index]!;
    const fresh = (await build()).pool[index]!;
    fresh.setVersions(former.versions);
    fresh.setSupportAuthenticationProtocol(former.getSupportAuthenticationProtocol());
    pool.pool[index] = closedBySilence(fresh, pool, silences);
    await fresh.connect();
    return fresh;
  };
  pool.getConnection = (index = MAIN) => {
    const current = pool.pool[index]!;
    // One that is disconnecting says that it is connected.
    if (current.connectionStatus === 'connected') return Promise.resolve(current);
    let attempt = connecting.get(index);
    if (!attempt) {
      attempt = renew(index).finally(() => connecting.delete(index));
      connecting.set(index, attempt);
    }
    return attempt;
  };
  // Once each: the socket of one that is gone collects listeners, one at each further time.
  pool.destroy = async () => {
    const open = pool.pool.filter((connection) => !disconnected.has(connection));
    for (const connection of open) disconnected.add(connection);
    await Promise.all(open.map((connection) => connection.disconnect()));
  };
  return pool;
}

/** Requests are answered in their order: behind one that was not, none will be. */
function closedBySilence(
  connection: Connection,
  pool: ConnectionPool,
  silences: Silences,
): Connection {
  const send = connection.send.bind(connection);
  connection.send = async (request) => {
    try {
      const answer = await send(request);
      silences.end(pool);
      return answer;
    } catch (error) {
      if ((error as Error).name === 'KafkaJSRequestTimeoutError') {
        silences.add(pool);
        connection.rejectRequests(error as Error);
        await connection.disconnect();
      }
      throw error;
    }
  };
  return connection;
}

/** A broker to be asked about the others: one that answers, and has little else to do. */
async function leastBurdened(brokerPool: BrokerPool, silences: Silences): Promise<Broker> {
  const known = Object.values(brokerPool.brokers).map((broker) => {
    const { connectionPool: pool } = broker;
    return { broker, silence: silences.latest(pool), waiting: waitingOn(pool) };
  });
  known.sort((a, b) => a.silence - b.silence || a.waiting - b.waiting);
  for (const { broker } of known) {
    try {
      return await brokerPool.findBroker({ nodeId: broker.nodeId });
    } catch {
      // It can't be reached: the next one.
    }
  }
  await brokerPool.connect();
  return brokerPool.seedBroker;
}

function waitingOn(pool: ConnectionPool): number {
  return pool.pool[MAIN]!.requestQueue.inflight.size;
}

function lenient(broker: Broker): Broker {
  broker.metadata = async (topics = []) => {
    const connection = await broker.connectionPool.getConnection(MAIN);
    return (await connection.send(metadataRequest(topics))) as Metadata;
  };
  return broker;
}
