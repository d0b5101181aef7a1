import type { CommittedStore } from '../state/committed-store.ts';
import {
  bufferOf,
  type Answered,
  type Freshness,
  type QueryRequest,
  type RangeQuery,
  type StoreQuery,
  type TaskAnswer,
} from './store-query.ts';

const CHUNK = 100;
/** A page ends with the entry that reaches this: answers stay small whatever the entries are. */
const PAGE_BYTES = 512 * 1024;

/** A task as queries see it: what is committed, and how new that is. */
export interface QueryableTask {
  readonly id: string;
  readonly isActive: boolean;
  /** Event time up to which the committed state is complete; -Infinity when that is not known. */
  readonly watermark: number;
  /** Undefined when the task has no such store. */
  committed(store: string): CommittedStore | undefined;
  /** Undefined when a standby has not looked yet how far it is behind. */
  lag(store: string): { readonly records: number; readonly asOf: number } | undefined;
}

/** Answers from the tasks at hand. */
export function answerQuery(
  tasks: readonly QueryableTask[],
  { task: id, query, allowStale }: QueryRequest,
): TaskAnswer {
  const refuse = (reason: string) => ({ status: 'not-available', task: id, reason }) as const;
  const task = tasks.find((each) => each.id === id);
  if (!task) return refuse('it does not run here');
  if (!task.isActive && !allowStale) return refuse('there is only a standby of it here');
  const store = task.committed(query.store);
  if (!store) return refuse(`it has no store '${query.store}' here`);
  const lag = task.lag(query.store);
  if (!lag) return refuse('the standby here does not know yet how far it is behind');
  const freshness: Freshness = {
    isActive: task.isActive,
    position: store.position,
    lag: lag.records,
    asOf: lag.asOf,
    watermark: Number.isFinite(task.watermark) ? task.watermark : null,
  };
  return { status: 'answered', task: id, ...freshness, ...read(store, query) };
}

function read(store: CommittedStore, query: StoreQuery): Pick<Answered, 'entries' | 'isLast'> {
  if (query.kind === 'range') return page(store, query);
  const value = store.get(bufferOf(query.key));
  return { entries: value === undefined ? [] : [[query.key, value]], isLast: true };
}

function page(
  store: CommittedStore,
  { from: first, to, limit }: RangeQuery,
): Pick<Answered, 'entries' | 'isLast'> {
  const entries: [Buffer, Buffer][] = [];
  let bytes = 0;
  for (let from = bufferOf(first); ;) {
    const rows = store.scan(from, CHUNK);
    for (const [key, value] of rows) {
      if (to !== null && Buffer.compare(key, to) > 0) return { entries, isLast: true };
      if (entries.length >= limit || bytes >= PAGE_BYTES) return { entries, isLast: false };
      entries.push([key, value]);
      bytes += key.length + value.length;
    }
    if (rows.length < CHUNK) return { entries, isLast: true };
    from = behind(rows.at(-1)![0]);
  }
}

/** The first key after this one. */
export function behind(key: Uint8Array): Buffer {
  return Buffer.concat([key, Buffer.alloc(1)]);
}
