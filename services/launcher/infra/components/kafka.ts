import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { baseEnv } from '../base-env.ts';
import { fromMaven } from '../native/maven.ts';
import { kafkaAnswers } from '../probes.ts';
import type { ComponentContext, ComponentDefinition, Plan, Purpose } from '../types.ts';

const LOG4J = path.join(import.meta.dirname, '../native/kafka-log4j2.yaml');

/** One Kafka process, broker and controller in one, for this machine only. */
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
    return {
      async prepare() {
        writeFileSync(config, toProperties(serverProperties(context, data)));
        if (existsSync(path.join(data, 'meta.properties'))) return;
        const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', config];
        const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
        await context.run(java, [...flags, ...classPath, ...format]);
      },
      launch: {
        file: java,
        args: [
          ...jvmFlags(context.purpose),
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
      addresses: { KAFKA_BROKERS: `127.0.0.1:${port}` },
    };
  },
};

/** Sixteen bytes in base64; not one that begins with `-`, which the tool takes for an option. */
export function clusterId(bytes = randomBytes(16)): string {
  const first = bytes[0]! & 0x7f;
  return Buffer.from([first, ...bytes.subarray(1)]).toString('base64url');
}

function serverProperties(context: ComponentContext, data: string): Record<string, string> {
  const [port = 0, controllerPort = 0] = context.ports;
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
    // A topic comes from provisioning, with its partitions and contract, never from a typing error.
    'auto.create.topics.enable': 'false',
    // One broker: what it keeps for itself can't be replicated, and few partitions open quickly.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // The first member of a group need not wait for others.
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed is let in again only when the session of its former life is over (9 s).
    ...(context.purpose === 'test' ? { 'broker.session.timeout.ms': '4000' } : {}),
    ...context.overrides,
  };
}

/** The memory grows as needed; the start is quicker with one compiler and one collector thread. */
function jvmFlags(purpose: Purpose): string[] {
  return purpose === 'test'
    ? ['-Xms256m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    : ['-Xms256m', '-Xmx1g', '-XX:+UseParallelGC'];
}

/** As a Java properties file: backslashes are escapes there. */
function toProperties(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(
    ([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}`,
  );
  return `${lines.join('\n')}\n`;
}
