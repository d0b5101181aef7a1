import type { KafkaConfig } from 'kafkajs';
import {
  ClusterClass,
  kafkaJsLogger,
  plainSocketFactory,
  type Broker,
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
  const { connectionPoolBuilder: builder } = brokerPool;
  const build = builder.build;
  builder.build = async (destination) => {
    const pool = await build(destination);
    return renewing(pool, () => build(pool));
  };
  const createBroker = brokerPool.createBroker;
  brokerPool.createBroker = (options) => lenient(createBroker(options));
  return cluster;
}

/** @param build makes another pool to the same broker */
function renewing(pool: ConnectionPool, build: () => Promise<ConnectionPool>): ConnectionPool {
  const connecting = new Map<number, Promise<Connection>>();
  const disconnected = new WeakSet<Connection>();
  const renew = async (index: number) => {
    const former = pool.pool[index]!;
    const fresh = (await build()).pool[index]!;
    fresh.setVersions(former.versions);
    fresh.setSupportAuthenticationProtocol(former.getSupportAuthenticationProtocol());
    pool.pool[index] = fresh;
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

function lenient(broker: Broker): Broker {
  broker.metadata = async (topics = []) => {
    const connection = await broker.connectionPool.getConnection(MAIN);
    return (await connection.send(metadataRequest(topics))) as Metadata;
  };
  return broker;
}
