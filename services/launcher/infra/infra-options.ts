import type { Component, NodeName, Purpose, Report } from './types.ts';

export interface InfraOptions {
  /** The absolute path of a folder for data and logs; made when missing. One run at a time in it. */
  dataDir: string;
  /** Default: all five. */
  components?: readonly Component[];
  /** How many Kafka brokers: more than one are a cluster that keeps each record on up to three of them. Default: 1 (native only). */
  kafkaBrokers?: number;
  /** `preferred`: the well-known ones where free. `free` (default): any. */
  ports?: 'preferred' | 'free';
  /** Whether the data folder is removed at the end, also after a crash. Default: false. */
  temporary?: boolean;
  /** `test` (default): a quick start and little memory. */
  purpose?: Purpose;
  /** `auto` (default): containers where a Docker engine answers, else processes. */
  mode?: 'auto' | 'docker' | 'native';
  /** Settings of single components, such as `{ kafka: { 'log.retention.ms': '1000' } }` (native only). */
  overrides?: Partial<Record<Component, Readonly<Record<string, string>>>>;
  report?: Report;
}

/** What runs. */
export interface Infra {
  /** How to reach it, by names of environment variables (KAFKA_BROKERS, …). */
  readonly addresses: Record<string, string>;
  /** Where a component, or one broker of several, writes its log. */
  logFile(name: string): string;
  /** Stops everything; resolves once it is all gone. A second call joins the first. */
  stop(): Promise<void>;
  /** Sends a signal (default: SIGKILL) to a component, or one broker of several, and everything it started. */
  kill(name: NodeName, signal?: NodeJS.Signals): void;
  /** Starts a component, or one broker of several, again, where it was and with its data; stops it before if it runs. */
  restart(name: NodeName): Promise<void>;
}
