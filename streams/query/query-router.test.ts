import { describe, expect, test } from 'vitest';
import { StoreNotAvailable } from '../errors.ts';
import { QueryRouter, type QueryCluster, type TasksOfHost } from './query-router.ts';
import type { Answered, QueryRequest, TaskAnswer } from './store-query.ts';

const QUERY = { kind: 'get', store: 'orders', key: Buffer.from('a') } as const;
const nothing: TasksOfHost = { active: [], standby: [] };

type Hosts = Readonly<Record<string, Partial<TasksOfHost>>>;

interface InstancesOptions {
  /** Those that do not answer. */
  readonly away?: readonly string[];
  /** What 'here:1' knows of the others; default: how it is. */
  readonly known?: Hosts;
  readonly isPartial?: boolean;
  readonly hasAddress?: boolean;
}

/** Instances by address, 'here:1' among them; each has tasks, and those that are away do not answer. */
class Instances {
  /** Who was asked, and whether a standby might answer. */
  readonly asked: string[] = [];
  readonly router: QueryRouter;

  constructor(
    hosts: Hosts,
    { away = [], known = hosts, isPartial = false, hasAddress = true }: InstancesOptions = {},
  ) {
    const answer = (host: string, request: QueryRequest): TaskAnswer => {
      this.asked.push(`${host}${request.allowStale ? ' stale' : ''}`);
      const { active = [], standby = [] } = hosts[host] ?? {};
      if (active.includes(request.task)) return answered(request.task, true);
      if (request.allowStale && standby.includes(request.task))
        return answered(request.task, false);
      return { status: 'not-available', task: request.task, reason: 'it does not run here' };
    };
    const cluster: QueryCluster = {
      taskCounts: [4],
      isPartial,
      hosts: new Map(Object.entries(known).map(([host, has]) => [host, { ...nothing, ...has }])),
    };
    this.router = new QueryRouter({
      applicationServer: hasAddress ? 'here:1' : undefined,
      cluster: () => cluster,
      answerHere: (request) => Promise.resolve(answer('here:1', request)),
      transport: {
        ask: (host, request) =>
          new Promise((resolve) => {
            const given = answer(host, request);
            if (away.includes(host))
              throw new Error('fetch failed', { cause: new Error('ECONNREFUSED') });
            resolve(given);
          }),
      },
    });
  }
}

const both = {
  'here:1': { active: ['0_0'], standby: ['0_1'] },
  'there:2': { active: ['0_1'], standby: ['0_0'] },
};

describe('the owner answers', () => {
  test('here, and nobody else is asked', async () => {
    const instances = new Instances(both);
    const { host, isActive } = await instances.router.ask('0_0', QUERY);
    expect([host, isActive, instances.asked]).toEqual(['here:1', true, ['here:1']]);
  });

  test('elsewhere, although a replica is here and stale answers would do', async () => {
    const instances = new Instances(both);
    const { host, isActive } = await instances.router.ask('0_1', QUERY, { allowStale: true });
    expect([host, isActive, instances.asked]).toEqual(['there:2', true, ['here:1', 'there:2']]);
  });

  test('here, also while the assignment says otherwise or nothing', async () => {
    const known = { 'there:2': { active: ['0_0'] } };
    for (const options of [{ known }, { known: {} }]) {
      const instances = new Instances(both, options);
      expect((await instances.router.ask('0_0', QUERY)).host).toBe('here:1');
    }
  });

  test('here, without any addresses', async () => {
    const instances = new Instances(both, { known: {}, hasAddress: false });
    expect((await instances.router.ask('0_0', QUERY)).host).toBe(undefined);
  });
});

describe('when the owner does not answer', () => {
  test('nobody else is asked, unless stale answers will do', async () => {
    const instances = new Instances(both, { away: ['there:2'] });
    const answer = instances.router.ask('0_1', QUERY);
    await expect(answer).rejects.toThrow(StoreNotAvailable);
    await expect(answer).rejects.toThrow(
      /'orders' of task 0_1 .*there:2: fetch failed \(ECONNREFUSED\).*Ask again.*allowStale/,
    );
    expect(instances.asked).toEqual(['here:1', 'there:2']);
  });

  test('the standby here answers', async () => {
    const instances = new Instances(both, { away: ['there:2'] });
    const { host, isActive } = await instances.router.ask('0_1', QUERY, { allowStale: true });
    expect([host, isActive]).toEqual(['here:1', false]);
  });

  test('else a standby elsewhere, each of them until one does', async () => {
    const hosts = {
      'here:1': {},
      'b:1': { active: ['0_1'] },
      'c:1': { standby: ['0_1'] },
      'd:1': { standby: ['0_1'] },
    };
    const instances = new Instances(hosts, { away: ['b:1', 'c:1'] });
    const { host, isActive } = await instances.router.ask('0_1', QUERY, { allowStale: true });
    expect([host, isActive]).toEqual(['d:1', false]);
    expect(instances.asked).toEqual(['here:1', 'b:1', 'here:1 stale', 'c:1 stale', 'd:1 stale']);
  });

  test('what it has answered must be what it was asked', async () => {
    const transport = (answer: Partial<Answered>) =>
      new QueryRouter({
        applicationServer: 'here:1',
        cluster: () => ({
          taskCounts: [4],
          isPartial: false,
          hosts: new Map([['there:2', { active: ['0_1'], standby: [] }]]),
        }),
        answerHere: ({ task }) =>
          Promise.resolve({ status: 'not-available', task, reason: 'not here' }),
        transport: { ask: () => Promise.resolve({ ...answered('0_1', true), ...answer }) },
      });
    await expect(transport({}).ask('0_1', QUERY)).resolves.toMatchObject({ task: '0_1' });
    const wrong = /something else/;
    await expect(transport({ task: '0_2' }).ask('0_1', QUERY)).rejects.toThrow(wrong);
    await expect(transport({ isActive: false }).ask('0_1', QUERY)).rejects.toThrow(wrong);
  });

  test.each([
    ['it moves', { known: {}, isPartial: true }, /on its way/],
    ['it has no address', { known: {} }, /has not said where.*applicationServer/],
    ['it is to be here', { known: { 'here:1': { active: ['0_3'] } } }, /opening or restoring/],
  ])('the error says so when %s', async (_what, options, reason) => {
    const instances = new Instances(both, options);
    await expect(instances.router.ask('0_3', QUERY)).rejects.toThrow(reason);
    // Its own address is not asked over the network.
    expect(instances.asked).toEqual(['here:1']);
  });
});

describe('asked for what is here', () => {
  test('others are left alone', async () => {
    const instances = new Instances(both);
    await expect(instances.router.ask('0_1', QUERY, { local: true })).rejects.toThrow(/there:2/);
    const { isActive } = await instances.router.ask('0_1', QUERY, {
      local: true,
      allowStale: true,
    });
    expect(isActive).toBe(false);
    expect(instances.asked).toEqual(['here:1', 'here:1 stale']);
  });

  test('it says whether there is anything', async () => {
    const { router } = new Instances(both);
    expect(await router.isHere('0_0', 'orders', {})).toBe(true);
    expect(await router.isHere('0_1', 'orders', {})).toBe(false);
    expect(await router.isHere('0_1', 'orders', { allowStale: true })).toBe(true);
  });
});

function answered(task: string, isActive: boolean): Answered {
  const freshness = { isActive, position: 1, lag: isActive ? 0 : 2, asOf: 0, watermark: null };
  return { status: 'answered', task, ...freshness, entries: [], isLast: true };
}
