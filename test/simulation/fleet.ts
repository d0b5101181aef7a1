import { KafkaStreams, type StreamsConfig, type Topology } from '#streams';
import type { Kafka } from '#streams/runtime/kafka/kafka';
import type { StateBackend } from '#streams/state/backend';
import { ModelClient } from './broker/model-client.ts';
import type { ModelBroker } from './broker/model-broker.ts';
import { Disk } from './disk.ts';
import { DISK_FAILED } from './faults.ts';
import type { Victims } from './nemesis.ts';
import type { Random } from './random.ts';
import { SimClock } from './sim-clock.ts';
import { loadingSerdes } from './loading-serdes.ts';
import { openDisk } from './sim-instance.ts';
import { SimProcess } from './sim-process.ts';

/** Code that is broken on purpose, between the runtime and what it relies on. */
export interface Sabotage {
  readonly kafka?: (kafka: Kafka, process: SimProcess) => Kafka;
  readonly backend?: (backend: StateBackend) => StateBackend;
}

export interface FleetOptions {
  readonly broker: ModelBroker;
  readonly random: Random;
  readonly topology: Topology;
  readonly config: Omit<StreamsConfig, 'kafka' | 'stateDir' | 'clock' | 'openInstance'>;
  /** Fills a disk with what does not belong there. */
  readonly soil: (disk: Disk) => void;
  readonly fail: (reason: string) => void;
  readonly sabotage: Sabotage;
  readonly hasSchemas: boolean;
}

interface Running {
  readonly process: SimProcess;
  readonly app: KafkaStreams;
  readonly disk: Disk;
  isStopping: boolean;
}

const MOST_INSTANCES = 4;
/** Whatever is away or under way: the longest time-outs that a stop may have to sit out. */
const LONGEST_STOP_MS = 20_000;

/** The application's instances: processes over disks that outlive them. */
export class Fleet implements Victims {
  /** Every disk that ever was, lost ones aside. */
  readonly disks = new Set<Disk>();
  /** Of instances that were stopped, and were let finish. */
  readonly #stopped = new Set<Disk>();
  readonly #options: FleetOptions;
  readonly #running = new Set<Running>();
  #starting = 0;
  #processes = 0;
  #disks = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get processes(): SimProcess[] {
    return [...this.#running].map(({ process }) => process);
  }

  get apps(): KafkaStreams[] {
    return [...this.#running].map(({ app }) => app);
  }

  /** Somebody was killed and is to be started again. */
  get isStarting(): boolean {
    return this.#starting > 0;
  }

  get stopped(): ReadonlySet<Disk> {
    return this.#stopped;
  }

  get isEmpty(): boolean {
    return this.#running.size === 0 && !this.isStarting;
  }

  start(disk = this.#newDisk()): void {
    const process = new SimProcess(`p${++this.#processes}`);
    const { broker, random, topology, config, fail, sabotage } = this.#options;
    const client: Kafka = new ModelClient(broker, process);
    const kafka = sabotage.kafka?.(client, process) ?? client;
    const clock = new SimClock(broker.scheduler, process);
    const { hasSchemas } = this.#options;
    const app = new KafkaStreams(topology, {
      ...config,
      ...(hasSchemas && { serde: loadingSerdes(clock, broker.faults, process) }),
      kafka,
      clock,
      random: () => random.next(),
      stateDir: disk.instanceId,
      openInstance: () => openDisk(disk, process, clock, broker.faults, sabotage.backend),
    });
    const running = { process, app, disk, isStopping: false };
    this.#running.add(running);
    broker.trace.add(process.name, () => `starts over ${disk.instanceId}`);
    app.onState((state) => {
      if (process.isDead) return;
      broker.trace.add(process.name, () => `is ${state}`);
      if (state !== 'ERROR') return;
      if (app.error?.message.includes(DISK_FAILED)) this.#startAgain(running);
      else fail(`${process.name} stopped with an error: ${app.error?.stack ?? ''}`);
    });
    app.start();
  }

  /** Whoever runs processes starts those again that have ended. */
  #startAgain(running: Running): void {
    if (running.isStopping) return;
    const { broker, random } = this.#options;
    const { process, disk } = running;
    process.isDead = true;
    this.#running.delete(running);
    this.#starting++;
    broker.scheduler.after(random.skewed(1, 4000), () => {
      this.#starting--;
      this.start(disk);
    });
  }

  kill(process: SimProcess, fate: 'kept' | 'lost' | 'behind' | 'foreign'): void {
    const running = [...this.#running].find((r) => r.process === process);
    if (!running) return;
    const { broker, random, soil } = this.#options;
    process.isDead = true;
    this.#running.delete(running);
    let { disk } = running;
    if (fate === 'lost' || fate === 'foreign') {
      this.disks.delete(disk);
      disk = this.#newDisk();
    }
    if (fate === 'foreign') soil(disk);
    this.#starting++;
    broker.scheduler.after(random.skewed(1, 4000), () => {
      this.#starting--;
      if (fate === 'behind') {
        for (const folder of disk.folders.values()) folder.loseLast(random.int(0, 5));
      }
      this.start(disk);
    });
  }

  startAnother(): void {
    if (this.#running.size + this.#starting < MOST_INSTANCES) this.start();
  }

  stop(process: SimProcess): void {
    const staying = [...this.#running].filter(({ isStopping }) => !isStopping);
    const running = staying.find((each) => each.process === process);
    if (running && staying.length > 1) this.#stop(running);
  }

  stopAll(): void {
    for (const running of this.#running) this.#stop(running);
  }

  /** The paused go on, and somebody is there to finish the work. */
  heal(): void {
    for (const { process } of this.#running) {
      process.pausedUntil = process.cutOffUntil = -Infinity;
      process.hasDiskFailure = false;
    }
    const staying = [...this.#running].filter(({ isStopping }) => !isStopping);
    if (staying.length + this.#starting === 0) this.start();
  }

  #stop(running: Running): void {
    if (running.isStopping) return;
    running.isStopping = true;
    this.#options.broker.trace.add(running.process.name, () => 'is told to stop');
    const { broker, fail } = this.#options;
    const { scheduler } = broker;
    const { process, app, disk } = running;
    const startedAt = scheduler.now;
    void app.close().then(() => {
      if (process.isDead) return;
      this.#running.delete(running);
      this.#stopped.add(disk);
      const ms = scheduler.now - startedAt;
      if (ms > LONGEST_STOP_MS) fail(`${process.name} took ${ms} ms to stop`);
    });
  }

  #newDisk(): Disk {
    const disk = new Disk(`disk${++this.#disks}`);
    this.disks.add(disk);
    return disk;
  }
}
