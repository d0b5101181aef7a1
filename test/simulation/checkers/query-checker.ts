import type { KafkaStreams, Topology } from '#streams';
import { changelogTopic } from '#streams/graph/topology';
import type { Answered } from '#streams/query/store-query';
import { LAYOUT_KEY } from '#streams/state/layout';
import type { ModelBroker } from '../broker/model-broker.ts';
import type { LogEntry, PartitionLog } from '../broker/partition-log.ts';
import type { CommittedTransaction } from '../broker/transactions.ts';
import { DISK_FAILED } from '../faults.ts';
import { ensure } from '../workload/workload.ts';

/**
 * Asks every instance for all it has whenever a commit is decided: what a task answers is what the committed records of its
 * changelog come to, up to the position that it names. So nothing uncommitted is shown, and nothing half written.
 */
export class QueryChecker {
  answers = 0;
  readonly #topology: Topology;
  readonly #applicationId: string;
  readonly #tasks: readonly string[];
  readonly #apps: () => readonly KafkaStreams[];
  readonly #fail: (error: unknown) => void;
  /** By changelog partition, in the order of their offsets. */
  readonly #committed = new Map<string, LogEntry[]>();
  readonly #broker: () => ModelBroker;

  constructor(options: {
    topology: Topology;
    applicationId: string;
    partitions: number;
    apps: () => readonly KafkaStreams[];
    broker: () => ModelBroker;
    fail: (error: unknown) => void;
  }) {
    this.#broker = options.broker;
    this.#topology = options.topology;
    this.#applicationId = options.applicationId;
    this.#tasks = Array.from({ length: options.partitions }, (_, partition) => `0_${partition}`);
    this.#apps = options.apps;
    this.#fail = options.fail;
  }

  onCommitted({ records }: CommittedTransaction): void {
    for (const { log, entry } of records) this.#entries(log).push(entry);
    this.#askAll();
  }

  /** Without transactions a changelog's records are committed as soon as they are there. */
  onOffsets(): void {
    const { topics } = this.#broker().cluster;
    for (const { name } of this.#topology.stores) {
      for (const log of topics.get(changelogTopic(this.#applicationId, name)) ?? []) {
        const entries = this.#entries(log);
        entries.push(...log.committed((entries.at(-1)?.offset ?? -1) + 1));
      }
    }
    this.#askAll();
  }

  #askAll(): void {
    for (const app of this.#apps()) for (const task of this.#tasks) this.#ask(app, task);
  }

  #ask(app: KafkaStreams, task: string): void {
    for (const { name: store } of this.#topology.stores) {
      const range = { from: Buffer.alloc(0), to: null, limit: Number.MAX_SAFE_INTEGER };
      const query = { kind: 'range', store, ...range } as const;
      app.answerQuery({ task, query, allowStale: true }).then(
        (answer) => {
          if (answer.status === 'answered') this.#check(store, answer);
        },
        (error: unknown) => {
          // Until the task has been opened anew.
          if (!(error as Error).message.includes(DISK_FAILED)) this.#fail(error);
        },
      );
    }
  }

  #check(store: string, { task, position, entries, isLast }: Answered): void {
    this.answers++;
    const partition = Number(task.split('_').at(-1));
    const changelog = `${changelogTopic(this.#applicationId, store)}-${partition}`;
    const states = new Map<string, Buffer>();
    for (const { offset, key, value } of this.#committed.get(changelog) ?? []) {
      if (offset >= position || key!.equals(LAYOUT_KEY)) continue;
      if (value === null) states.delete(key!.toString('latin1'));
      else states.set(key!.toString('latin1'), value);
    }
    const found = entries.map(([key, value]) => line(key, value));
    const expected = [...states].map(([key, value]) => line(Buffer.from(key, 'latin1'), value));
    // Of large states a page has the first ones.
    const comparable = isLast ? expected.sort() : expected.sort().slice(0, found.length);
    try {
      ensure(found.join() === comparable.join(), () => {
        return `task ${task} answers at ${position} of ${store}\n${found.join()}\nand its changelog says\n${comparable.join()}`;
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #entries({ name }: PartitionLog): LogEntry[] {
    let entries = this.#committed.get(name);
    if (!entries) this.#committed.set(name, (entries = []));
    return entries;
  }
}

/** Lines sort as the keys' bytes do. */
function line(key: Uint8Array, value: Uint8Array): string {
  return `${Buffer.from(key).toString('hex')} ${Buffer.from(value).toString('hex')}`;
}
