import { createHash } from 'node:crypto';
import path from 'node:path';
import { ROOT } from '../../bootstrap/root.mjs';
import type { Component } from '../types.ts';

/** The variable that sets a component's published port in the compose file. */
const PORT_VARIABLES: Readonly<Record<Component, string>> = {
  kafka: 'KAFKA_PORT',
  registry: 'REGISTRY_PORT',
  mysql: 'MYSQL_PORT',
  redis: 'REDIS_PORT',
  elasticsearch: 'ELASTICSEARCH_PORT',
};

export const COMPOSE_FILE = path.join(ROOT, 'docker-compose.kafka.yml');

/** One set of containers and volumes for each data folder, so that two clones don't share them. */
export function projectName(dataDir: string): string {
  return `kafka-alert-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

/** The arguments of a `docker` that does something to this project's containers. */
export function composeArgs(project: string, ...rest: readonly string[]): string[] {
  return ['compose', '--project-name', project, '--file', COMPOSE_FILE, ...rest];
}

/** What the compose file is told about ports. */
export function portVariables(ports: ReadonlyMap<Component, number>): Record<string, string> {
  return Object.fromEntries([...ports].map(([name, port]) => [PORT_VARIABLES[name], String(port)]));
}

/** How clients reach the containers that have these ports. */
export function addressesOf(ports: ReadonlyMap<Component, number>): Record<string, string> {
  const known: Readonly<Record<Component, (port: number) => [string, string]>> = {
    kafka: (port) => ['KAFKA_BROKERS', `127.0.0.1:${port}`],
    registry: (port) => ['SCHEMA_REGISTRY_URL', `http://127.0.0.1:${port}/apis/ccompat/v7`],
    mysql: (port) => ['MYSQL_URL', `mysql://shop:shop@127.0.0.1:${port}/shop`],
    redis: (port) => ['REDIS_URL', `redis://127.0.0.1:${port}`],
    elasticsearch: (port) => ['ELASTICSEARCH_URL', `http://127.0.0.1:${port}`],
  };
  return Object.fromEntries([...ports].map(([name, port]) => known[name](port)));
}
