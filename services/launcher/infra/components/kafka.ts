import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { baseEnv } from '../base-env.ts';
import { fromMaven } from '../native/maven.ts';
import { kafkaAnswers } from '../probes.ts';
import type { ComponentContext, ComponentDefinition, Plan } from '../types.ts';

const LOG4J = path.join(import.meta.dirname, '../native/kafka-log4j2.yaml');

/** Kafka processes, broker and controller in one, for this machine only. */
export const kafka: ComponentDefinition = {
  name: 'kafka',
  title: 'Kafka',
  preferredPorts: [19092, 19093],

  async plan(context): Promise<Plan> {
    const software = await fromMaven('kafka', context);
    const java = path.join(context.tools.kafkaJdk.home, 'bin/java');
    const classPath = ['-cp', path.join(software, '*')];
    const data = path.join(context.folder, 'data');
    const config = path.join(context.folder, 'server.properties');
    const [port = 0] = context.ports;
    const brokers = context.cluster.map(([each = 0]) => `127.0.0.1:${each}`);
    return {
      async prepare() {
        writeFileSync(config, toProperties(serverProperties(context, data)));
        if (existsSync(path.join(data, 'meta.properties'))) return;
        const format = [
          'kafka.tools.StorageTool',
          'format',
          '-t',
          clusterId(context),
          '-c',
          config,
        ];
        const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
        await context.run(java, [...flags, ...classPath, ...format]);
      },
      launch: {
        file: java,
        args: [
          ...jvmFlags(context),
          `-Dlog4j2.configurationFile=${LOG4J}`,
          ...classPath,
          'kafka.Kafka',
          config,
        ],
        env: baseEnv(),
        cwd: context.folder,
        logFile: context.logFile,
      },
      isReady: () => kafkaAnswers(port),
      addresses: { KAFKA_BROKERS: brokers.join(',') },
    };
  },
};

/** The same for all nodes, which know no other way to agree on one: it follows from where their data are. */
function clusterId({ folder }: ComponentContext): string {
  return toClusterId(createHash('sha256').update(path.dirname(folder)).digest());
}

/** Sixteen bytes in base64; not one that begins with `-`, which the tool takes for an option. */
export function toClusterId(bytes: Buffer): string {
  const first = bytes[0]! & 0x7f;
  return Buffer.from([first, ...bytes.subarray(1, 16)]).toString('base64url');
}

function serverProperties(context: ComponentContext, data: string): Record<string, string> {
  const { node, cluster, ports } = context;
  const [port = 0, controllerPort = 0] = ports;
  const voters = cluster.map(([, each = 0], i) => `${i + 1}@127.0.0.1:${each}`);
  const replicas = Math.min(3, cluster.length);
  // With three, one may be away and records are still on two disks.
  const inSync = Math.max(1, replicas - 1);
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node),
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
    // A topic comes from provisioning, with its partitions and contract, never from a typing error.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(replicas),
    'min.insync.replicas': String(inSync),
    'offsets.topic.replication.factor': String(replicas),
    'transaction.state.log.replication.factor': String(replicas),
    'transaction.state.log.min.isr': String(inSync),
    'share.coordinator.state.topic.replication.factor': String(replicas),
    'share.coordinator.state.topic.min.isr': String(inSync),
    // Few partitions open quickly.
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.num.partitions': '5',
    // The first member of a group need not wait for others.
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed is let in again only when the session of its former life is over (9 s).
    ...(context.purpose === 'test' ? { 'broker.session.timeout.ms': '4000' } : {}),
    // A third of a small heap otherwise.
    ...(cluster.length > 1 ? { 'log.cleaner.dedupe.buffer.size': String(16 << 20) } : {}),
    ...context.overrides,
  };
}

/** The memory grows as needed; the start is quicker with one compiler and one collector thread. */
function jvmFlags({ purpose, cluster }: ComponentContext): string[] {
  const [first, most] = cluster.length === 1 ? ['256m', '512m'] : ['128m', '384m'];
  return purpose === 'test'
    ? [`-Xms${first}`, `-Xmx${most}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    : ['-Xms256m', '-Xmx1g', '-XX:+UseParallelGC'];
}

/** As a Java properties file: backslashes are escapes there. */
function toProperties(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(
    ([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}`,
  );
  return `${lines.join('\n')}\n`;
}
