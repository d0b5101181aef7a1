import { describe, expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { stateColumns } from '../task/task-state.ts';
import type { Task } from '../task/task.ts';
import { backendKinds } from '../testing/backends.ts';
import { rawPing, startTask } from '../testing/tasks.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import { answerQuery } from './answer-query.ts';
import type { Answered, QueryRequest, StoreQuery } from './store-query.ts';
import { asActive, asStandby, commit } from './testing/query-tasks.ts';

const pings = pingTopic('pings');
const ALL = { from: Buffer.alloc(0), to: null };

/** Keeps of each key the last `act`. */
function topology() {
  const builder = new StreamsBuilder('acts');
  builder.stream(pings).process<string, never>('keep', {
    store: builder.store('acts', jsonSerde<string>()),
    onRecord: ({ value }, _state, context) => context.put(value.act ?? null),
  });
  return builder.build();
}

describe.each(backendKinds)('over $name', (kind) => {
  const open = async () => {
    const shape = topology();
    const backend = await kind.open(stateColumns(shape.subTopologies[0]!));
    return startTask(shape, { backend });
  };

  test('answers a key with what is committed, whatever was processed since', async () => {
    const task = await open();
    expect(entries(ask(task, get('a')))).toEqual([]);
    put(task, 'a', 'first');
    expect(entries(ask(task, get('a')))).toEqual([]);
    commit(task);
    put(task, 'a', 'second');
    put(task, 'b', 'third');
    expect(entries(ask(task, get('a')))).toEqual(['a="first"']);
    expect(entries(ask(task, range()))).toEqual(['a="first"']);
    commit(task);
    expect(entries(ask(task, range()))).toEqual(['a="second"', 'b="third"']);
    put(task, 'a', undefined);
    commit(task);
    expect(entries(ask(task, get('a')))).toEqual([]);
  });

  test('a range has both of its ends, in the order of the bytes', async () => {
    const task = await open();
    for (const key of ['d', 'ba', 'b', 'a', 'c', 'é']) put(task, key, key);
    commit(task);
    expect(entries(ask(task, range('b', 'c')))).toEqual(['b="b"', 'ba="ba"', 'c="c"']);
    expect(entries(ask(task, range('bb', 'bz')))).toEqual([]);
    expect(entries(ask(task, range('c', 'a')))).toEqual([]);
    expect(entries(ask(task, range()))).toHaveLength(6);
    expect(entries(ask(task, { kind: 'get', store: 'acts', key: Buffer.alloc(0) }))).toEqual([]);
  });

  test('a page ends at its limit and says so, the last one says that it is', async () => {
    const task = await open();
    // More than what is read at once.
    const keys = Array.from({ length: 230 }, (_, i) => `k${String(i).padStart(3, '0')}`);
    for (const key of keys) put(task, key, key);
    commit(task);
    const page = (limit: number, from?: string) => {
      const answer = answered(ask(task, { ...range(from, 'z'), limit }));
      return [answer.entries.length, answer.isLast];
    };
    expect(page(229)).toEqual([229, false]);
    expect(page(230)).toEqual([230, true]);
    expect(page(1000)).toEqual([230, true]);
    expect(page(1, 'k229')).toEqual([1, true]);
    expect(page(1, 'k2290')).toEqual([0, true]);
    const first = answered(ask(task, { ...range('k010', 'k012'), limit: 2 }));
    expect([entries(first), first.isLast]).toEqual([['k010="k010"', 'k011="k011"'], false]);
  });

  test('a page of large entries ends before its limit, with one of them at least', async () => {
    const task = await open();
    for (const key of ['a', 'b', 'c']) put(task, key, 'x'.repeat(400_000));
    put(task, 'd', 'x'.repeat(2_000_000));
    commit(task);
    const keysFrom = (from: string) =>
      answered(ask(task, range(from, 'z'))).entries.map(([key]) => Buffer.from(key).toString());
    expect(keysFrom('a')).toEqual(['a', 'b']);
    expect(keysFrom('c')).toEqual(['c', 'd']);
    expect(answered(ask(task, range('d', 'z'))).isLast).toBe(true);
  });
});

describe('how new an answer is', () => {
  test('the owner names its position, its watermark, and no lag', () => {
    const task = startTask(topology());
    put(task, 'a', 'first', 5_000);
    commit(task, 17);
    const fresh = { isActive: true, position: 17, lag: 0, asOf: 1_000, watermark: 5_000 };
    expect(ask(task, get('a'))).toMatchObject(fresh);
  });

  test('the watermark is that of the committed state while anything is uncommitted', () => {
    const task = startTask(topology());
    const watermark = () => answered(ask(task, get('a'))).watermark;
    expect(watermark()).toBe(null);
    put(task, 'a', 'first', 5_000);
    expect(watermark()).toBe(null);
    commit(task);
    put(task, 'a', 'second', 9_000);
    expect(watermark()).toBe(5_000);
    commit(task);
    expect(watermark()).toBe(9_000);
    // Nothing happens, and the input is complete up to a later instant.
    task.addRecords(pings.name, [], offset, 20_000);
    task.process(1, 20_000);
    expect(watermark()).toBe(20_000);
  });

  test('a standby says how far it is behind, and knows no watermark', () => {
    const task = startTask(topology());
    put(task, 'a', 'first');
    commit(task, 3);
    const answer = answerQuery([asStandby(task, 4)], request(get('a'), true));
    const stale = { isActive: false, position: 3, lag: 4, asOf: 500, watermark: null };
    expect(answer).toMatchObject(stale);
    expect(entries(answered(answer))).toEqual(['a="first"']);
  });
});

describe('what is not answered', () => {
  const reasonOf = (tasks: Parameters<typeof answerQuery>[0], asked: QueryRequest) => {
    const answer = answerQuery(tasks, asked);
    return answer.status === 'not-available' ? answer.reason : 'answered';
  };
  const task = startTask(topology());

  test('another task', () => {
    const asked = { ...request(get('a')), task: '0_7' };
    expect(reasonOf([asActive(task)], asked)).toBe('it does not run here');
  });

  test('a standby, unless stale answers are allowed', () => {
    expect(reasonOf([asStandby(task, 0)], request(get('a')))).toMatch('only a standby');
    expect(reasonOf([asStandby(task, 0)], request(get('a'), true))).toBe('answered');
  });

  test('a standby that has not looked yet how old it is', () => {
    expect(reasonOf([asStandby(task)], request(get('a'), true))).toMatch('how far it is behind');
  });

  test('a store that the topology here does not have: another version asks', () => {
    const asked = request({ ...get('a'), store: 'renamed' });
    expect(reasonOf([asActive(task)], asked)).toBe("it has no store 'renamed' here");
  });
});

let offset = 0;

function put(task: Task, key: string, act: string | undefined, at = 1_000): void {
  const ping = { id: key, at, ...(act !== undefined && { act }) };
  task.addRecords(pings.name, [rawPing(offset++, ping)], offset, undefined);
  task.process(10, Infinity);
}

function get(key: string): StoreQuery {
  return { kind: 'get', store: 'acts', key: Buffer.from(key) };
}

function range(from?: string, to?: string) {
  const bounds =
    from === undefined || to === undefined ? ALL : { from: Buffer.from(from), to: Buffer.from(to) };
  return { kind: 'range', store: 'acts', limit: 1000, ...bounds } as const;
}

function request(query: StoreQuery, allowStale = false): QueryRequest {
  return { task: '0_0', query, allowStale };
}

function ask(task: Task, query: StoreQuery) {
  return answered(answerQuery([asActive(task)], request(query)));
}

function answered(answer: ReturnType<typeof answerQuery>): Answered {
  if (answer.status === 'answered') return answer;
  throw new Error(answer.reason);
}

function entries({ entries: found }: Answered): string[] {
  return found.map(([key, value]) => [key, value].map((b) => Buffer.from(b).toString()).join('='));
}
