import { taskId } from '../task/task.ts';
import { behind } from './answer-query.ts';
import { mergeSorted } from './merge-sorted.ts';
import type { QueryOptions, QueryRouter, RoutedAnswer } from './query-router.ts';
import type { AnswerOrigin, KeyQueryMetadata } from './read-only-store.ts';
import { bufferOf } from './store-query.ts';

/** Entries of one page; it ends sooner where they are large. */
const PAGE_LIMIT = 500;

export type Partitioner = (key: Buffer, partitions: number) => number;

/** An entry, still in bytes. */
export interface Row {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly origin: AnswerOrigin;
}

/** One store over all tasks and instances, in bytes. */
export class StoreRows {
  readonly #router: QueryRouter;
  readonly #store: string;
  readonly #subTopology: number;
  readonly #partitioner: Partitioner;

  constructor(router: QueryRouter, store: string, subTopology: number, partitioner: Partitioner) {
    this.#router = router;
    this.#store = store;
    this.#subTopology = subTopology;
    this.#partitioner = partitioner;
  }

  /** @param recordKey the key of the records that an entry follows from */
  ownerOf(recordKey: Buffer): KeyQueryMetadata {
    const partition = this.#partitioner(recordKey, this.#taskCount);
    const task = taskId(this.#subTopology, partition);
    return { task, partition, ...this.#router.placesOf(task) };
  }

  async get(
    recordKey: Buffer,
    key: Buffer,
    options?: QueryOptions,
  ): Promise<{ value: Buffer | undefined; origin: AnswerOrigin }> {
    const { task } = this.ownerOf(recordKey);
    const answer = await this.#router.ask(task, { kind: 'get', store: this.#store, key }, options);
    const value = answer.entries[0]?.[1];
    return { value: value && bufferOf(value), origin: originOf(answer) };
  }

  /** Of the one task that has what follows from this key's records, in the order of the keys' bytes. */
  range(recordKey: Buffer, from: Buffer, to: Buffer, options?: QueryOptions): AsyncGenerator<Row> {
    return this.#rows(this.ownerOf(recordKey).task, from, to, options);
  }

  /** Of all tasks, in the order of the keys' bytes. */
  merged(from: Buffer, to: Buffer | null, options: QueryOptions = {}): AsyncGenerator<Row> {
    const tasks = Array.from({ length: this.#taskCount }, (_, i) => taskId(this.#subTopology, i));
    return mergeSorted(
      tasks.map((task) =>
        options.local
          ? this.#rowsHere(task, from, to, options)
          : this.#rows(task, from, to, options),
      ),
    );
  }

  async *#rows(
    task: string,
    first: Buffer,
    to: Buffer | null,
    options: QueryOptions = {},
  ): AsyncGenerator<Row> {
    for (let from = first; ;) {
      const query = { kind: 'range', store: this.#store, from, to, limit: PAGE_LIMIT } as const;
      const page = await this.#router.ask(task, query, options);
      const origin = originOf(page);
      for (const [key, value] of page.entries)
        yield { key: bufferOf(key), value: bufferOf(value), origin };
      const last = page.entries.at(-1);
      if (page.isLast || !last) return;
      from = behind(last[0]);
    }
  }

  /** None, of a task that is not here. */
  async *#rowsHere(
    task: string,
    from: Buffer,
    to: Buffer | null,
    options: QueryOptions,
  ): AsyncGenerator<Row> {
    if (await this.#router.isHere(task, this.#store, options))
      yield* this.#rows(task, from, to, options);
  }

  get #taskCount(): number {
    return this.#router.cluster.taskCounts[this.#subTopology]!;
  }
}

function originOf(answer: RoutedAnswer): AnswerOrigin {
  const { task, host, isActive, position, lag, asOf, watermark } = answer;
  return { task, host, isActive, position, lag, asOf, watermark };
}
