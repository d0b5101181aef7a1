import { setImmediate as immediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { KafkaStreams, type StreamsConfig, type Topology } from '#streams';
import { NO_HEADERS } from '#streams/processor/record';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import { partitionFor } from '#streams/runtime/kafka/partitioner';
import type { StateBackend } from '#streams/state/backend';
import { ModelBroker } from './broker/model-broker.ts';
import { ModelClient } from './broker/model-client.ts';
import { NO_LIMIT, type LogEntry } from './broker/partition-log.ts';
import { Disk } from './disk.ts';
import { NO_FAULTS, type Faults } from './faults.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimClock } from './sim-clock.ts';
import { openDisk } from './sim-instance.ts';
import { SimProcess } from './sim-process.ts';
import { Trace } from './trace.ts';

export interface StartOptions extends Partial<StreamsConfig> {
  readonly disk?: Disk;
  /** What this instance has for Kafka instead. */
  readonly kafkaOf?: (kafka: Kafka, clock: SimClock) => Kafka;
  readonly backendOf?: (backend: StateBackend) => StateBackend;
}

export interface StartedInstance {
  readonly app: KafkaStreams;
  readonly process: SimProcess;
  readonly disk: Disk;
}

const START = Date.parse('2024-02-01T12:00:00.000Z');
/** A model of Kafka in virtual time where nothing goes wrong by itself: for tests of what happens when one thing does. */
export class QuietCluster {
  readonly scheduler: Scheduler;
  readonly broker: ModelBroker;
  /** Which process became a transactional id's producer, in order. */
  readonly producers: string[] = [];
  /** Whatever a test wants to go wrong. */
  readonly faults: Faults = { ...NO_FAULTS };
  #processes = 0;

  /** @param limitOf what topics do not take; default: they take everything */
  constructor(topics: Readonly<Record<string, number>>, limitOf = (_topic: string) => NO_LIMIT) {
    const random = new Random(1);
    this.scheduler = new Scheduler(random, START);
    this.broker = new ModelBroker({
      scheduler: this.scheduler,
      random,
      trace: new Trace(this.scheduler, 0),
      faults: this.faults,
      observer: {
        onCommitted: () => undefined,
        onProducer: (_producer, client) => this.producers.push(client),
        onOffsets: () => undefined,
        onAssigned: () => undefined,
        onBroken: (reason) => expect.unreachable(reason),
      },
      brokers: 1,
      lastEpoch: 1000,
      initialDelayMs: 0,
      limitOf,
    });
    for (const [name, partitions] of Object.entries(topics))
      this.broker.createTopic(name, partitions);
  }

  get now(): number {
    return this.scheduler.now;
  }

  /** Another process on this cluster. */
  process(): { process: SimProcess; kafka: ModelClient; clock: SimClock } {
    const process = new SimProcess(`p${++this.#processes}`);
    const kafka = new ModelClient(this.broker, process);
    return { process, kafka, clock: new SimClock(this.scheduler, process) };
  }

  start(topology: Topology, options: StartOptions = {}): StartedInstance {
    const { kafkaOf, backendOf, ...config } = options;
    const { process, kafka, clock } = this.process();
    const disk = options.disk ?? new Disk(`disk-${process.name}`);
    const app = new KafkaStreams(topology, {
      applicationId: 'app',
      allowedLatenessMs: 0,
      random: () => 0.5,
      ...config,
      kafka: kafkaOf?.(kafka, clock) ?? kafka,
      clock,
      stateDir: disk.instanceId,
      openInstance: () => openDisk(disk, process, clock, this.faults, backendOf),
    });
    app.start();
    return { app, process, disk };
  }

  /** Puts a record where its key belongs; or into a given partition. */
  write(topic: string, key: string, value: Buffer, partition?: number): void {
    const logs = this.broker.cluster.topics.get(topic)!;
    const record = { key: Buffer.from(key), value, headers: NO_HEADERS };
    logs[partition ?? partitionFor(record.key, logs.length)]!.append([record], this.now);
  }

  committed(topic: string): LogEntry[] {
    return [...(this.broker.cluster.topics.get(topic) ?? [])].flatMap((log) => log.committed());
  }

  /** Lets time pass until it is so. */
  async until(what: string, isSo: () => boolean, ms = 60_000): Promise<void> {
    await this.scheduler.runUntil(isSo, this.now + ms);
    // What needs no time may be left to do when no event is.
    await immediate();
    if (!isSo()) throw new Error(`waited ${ms} ms for ${what}`);
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await this.scheduler.runUntil(() => false, end);
  }

  async done<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const all = work.finally(() => (isDone = true));
    await this.until('the work to be done', () => isDone, 3_600_000);
    return all;
  }
}
