/** What an application does about errors, over a model of Kafka: which of its parts they cost, and that nothing is lost or doubled. */
import { describe, expect, test } from 'vitest';
import {
  jsonSerde,
  numberSerde,
  StreamsBuilder,
  StreamsException,
  type Topic,
  type Topology,
  type UncaughtErrorAction,
  type UncaughtErrorContext,
} from '#streams';
import { KafkaError, type Kafka, type Producer } from '#streams/runtime/kafka/kafka';
import type { StateBackend } from '#streams/state/backend';
import { overriding } from './overriding.ts';
import { QuietCluster, type StartedInstance } from './quiet-cluster.ts';

interface Hit {
  readonly n: number;
}

const hits: Topic<Hit> = { name: 'hits', value: jsonSerde() };
const counts: Topic<number> = { name: 'counts', value: numberSerde };
const TOPICS = { hits: 2, counts: 1 };
// Of partition 0, and of partition 1.
const [ZERO, ONE] = ['a', 'd'] as const;

/** Counts hits per key; `onHit` may throw. */
function counting(onHit: (hit: Hit) => void = () => undefined): Topology {
  const builder = new StreamsBuilder('counting');
  builder
    .stream(hits)
    .process<number, number>('count', {
      store: builder.store('counts', numberSerde),
      onRecord({ value }, count = 0, context) {
        onHit(value);
        context.put(count + 1);
        context.forward(count + 1);
      },
    })
    .to(counts);
  return builder.build();
}

const hit = (cluster: QuietCluster, key: string, n = 0) =>
  cluster.write('hits', key, hits.value.encode({ n }));

/** The counts of a key that were written, in order. */
const countsOf = (cluster: QuietCluster, key: string) =>
  cluster
    .committed('counts')
    .filter((record) => record.key!.toString() === key)
    .map(({ value }) => numberSerde.decode(value!));

const isRunning = ({ app }: StartedInstance, tasks: number) =>
  app.state === 'RUNNING' && app.tasks().length === tasks;

async function running(cluster: QuietCluster, ...instances: [StartedInstance, number][]) {
  await cluster.until('all to run', () => instances.every(([i, tasks]) => isRunning(i, tasks)));
}

const closing = (cluster: QuietCluster, ...instances: StartedInstance[]) =>
  cluster.done(Promise.all(instances.map(({ app }) => app.close())));

test('the keys are of the partitions that the tests say', () => {
  const cluster = new QuietCluster(TOPICS);
  hit(cluster, ZERO);
  hit(cluster, ONE);
  const logs = [...cluster.broker.cluster.topics.get('hits')!];
  const keys = logs.map((log) => log.committed().map(({ key }) => key!.toString()));
  expect(keys).toEqual([[ZERO], [ONE]]);
});

/** The group hears nothing of it, and it nothing of the group, while all else goes through. */
const unheard = (group: { readonly isUnheard: boolean }) => (kafka: Kafka) =>
  overriding(kafka, {
    heartbeat: (member) =>
      group.isUnheard
        ? Promise.reject(new KafkaError('NETWORK', 'no answer'))
        : kafka.heartbeat(member),
  });

describe('a fenced task', () => {
  test('whose transaction took too long starts again by itself: no other task, no membership', async () => {
    const cluster = new QuietCluster(TOPICS);
    const joins: string[] = [];
    let slowMs = 12_000;
    const instance = cluster.start(counting(), {
      kafkaOf: (kafka, clock) =>
        overriding(kafka, {
          joinGroup: (request) => {
            joins.push(request.memberId);
            return kafka.joinGroup(request);
          },
          async endTxn(producer, outcome) {
            if (producer.transactionalId === 'app-0_0' && slowMs > 0) {
              const ms = slowMs;
              slowMs = 0;
              await clock.sleep(ms);
            }
            return kafka.endTxn(producer, outcome);
          },
        }),
    });
    await running(cluster, [instance, 2]);
    const [before] = [instance.app.tasks().find(({ task }) => task === '0_1')!];
    hit(cluster, ZERO);
    await cluster.until('the count', () => countsOf(cluster, ZERO).length === 1);
    expect(slowMs).toBe(0);
    await running(cluster, [instance, 2]);
    expect(countsOf(cluster, ZERO)).toEqual([1]);
    expect(joins).toHaveLength(1);
    // Two starts, and one again.
    expect(cluster.producers).toHaveLength(3);
    expect(instance.app.tasks().find(({ task }) => task === '0_1')!.commits).toBe(before.commits);
    await closing(cluster, instance);
  });

  test('that another producer took, but not another member, goes on', async () => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(counting());
    await running(cluster, [instance, 2]);
    const { kafka } = cluster.process();
    await cluster.done(kafka.initProducerId('app-0_0', 10_000));
    for (const key of [ZERO, ONE, ZERO]) hit(cluster, key);
    await cluster.until('the counts', () => cluster.committed('counts').length === 3);
    expect([countsOf(cluster, ZERO), countsOf(cluster, ONE)]).toEqual([[1, 2], [1]]);
    await closing(cluster, instance);
  });

  test('of a member that was let go does not fence its new owner', async () => {
    const cluster = new QuietCluster(TOPICS);
    const group = { isUnheard: false };
    const first = cluster.start(counting(), { kafkaOf: unheard(group) });
    await running(cluster, [first, 2]);
    const second = cluster.start(counting());
    await running(cluster, [first, 1], [second, 1]);
    const key = first.app.tasks()[0]!.partition === 0 ? ZERO : ONE;
    group.isUnheard = true;
    await running(cluster, [second, 2]);
    hit(cluster, key);
    await cluster.pass(5000);
    expect(countsOf(cluster, key)).toEqual([1]);
    expect((await first.app.status()).uncaughtErrors.get('task-migrated')).toBe(1);
    group.isUnheard = false;
    await cluster.until('the first to be told', () => first.app.tasks().length === 0);
    await running(cluster, [first, 1], [second, 1]);
    // Two at the start, one moved, one taken over, one given back.
    const [p1, p2] = [first.process.name, second.process.name];
    expect(cluster.producers).toEqual([p1, p1, p2, p2, p1]);
    expect((await second.app.status()).uncaughtErrors.size).toBe(0);
    hit(cluster, key);
    await cluster.until('the next count', () => countsOf(cluster, key).length === 2);
    expect(countsOf(cluster, key)).toEqual([1, 2]);
    await closing(cluster, first, second);
  });
});

describe('a task that fails at each start', () => {
  /** No transaction of task 0_0 succeeds while `isBroken`. */
  function breaking(kafka: Kafka, isBroken: () => boolean): Kafka {
    const refuse = (producer: Producer) => {
      if (producer.transactionalId === 'app-0_0' && isBroken())
        throw new KafkaError('NETWORK', 'no answer');
    };
    return overriding(kafka, {
      async endTxn(producer, outcome) {
        refuse(producer);
        return kafka.endTxn(producer, outcome);
      },
    });
  }

  test('waits longer each time, says so, and is well once it can be', async () => {
    const cluster = new QuietCluster(TOPICS);
    let isBroken = true;
    const instance = cluster.start(counting(), {
      kafkaOf: (kafka) => breaking(kafka, () => isBroken),
    });
    await running(cluster, [instance, 2]);
    hit(cluster, ZERO);
    hit(cluster, ONE);
    await cluster.pass(60_000);
    // 0.1 + 0.2 + … + 25.6 s, three quarters of it.
    expect(cluster.producers.length).toBeGreaterThan(7);
    expect(cluster.producers.length).toBeLessThan(14);
    expect(countsOf(cluster, ONE)).toEqual([1]);
    const { failures } = await instance.app.status();
    expect(failures).toMatchObject([{ task: '0_0' }]);
    expect(failures[0]!.error).toContain('no answer');
    expect(failures[0]!.failures).toBeGreaterThan(6);
    isBroken = false;
    await cluster.until('the count', () => countsOf(cluster, ZERO).length > 0);
    expect(countsOf(cluster, ZERO)).toEqual([1]);
    await running(cluster, [instance, 2]);
    expect((await instance.app.status()).failures).toEqual([]);
    await closing(cluster, instance);
  });

  test('does not hold up a stop', async () => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(counting(), { kafkaOf: (kafka) => breaking(kafka, () => true) });
    await running(cluster, [instance, 2]);
    hit(cluster, ZERO);
    await cluster.pass(30_000);
    const startedAt = cluster.now;
    await closing(cluster, instance);
    expect(cluster.now - startedAt).toBeLessThan(1000);
    expect(instance.app.state).toBe('NOT_RUNNING');
  });
});

/** The first `times` hits with `n` = 1 stop the application. */
function stopping(times: number, make: () => Error): Topology {
  let left = times;
  return counting(({ n }) => {
    if (n === 1 && left-- > 0) throw make();
  });
}

const poison = () => new StreamsException('a record that must not be passed over');

describe('an error that processing must not go on after', () => {
  test('ends the instance by default; another one takes over', async () => {
    const cluster = new QuietCluster(TOPICS);
    const first = cluster.start(stopping(1, poison));
    await running(cluster, [first, 2]);
    hit(cluster, ZERO);
    hit(cluster, ZERO, 1);
    hit(cluster, ONE);
    await cluster.until('the error', () => first.app.state === 'ERROR');
    expect(first.app.error!.message).toBe('a record that must not be passed over');
    const second = cluster.start(counting());
    await running(cluster, [second, 2]);
    await cluster.until('the counts', () => cluster.committed('counts').length === 3);
    expect([countsOf(cluster, ZERO), countsOf(cluster, ONE)]).toEqual([[1, 2], [1]]);
    expect(first.app.state).toBe('ERROR');
    await closing(cluster, first, second);
  });

  test('costs what others did not commit nothing: they are started again elsewhere from there', async () => {
    const cluster = new QuietCluster(TOPICS);
    const states: string[] = [];
    const instance = cluster.start(stopping(1, poison));
    instance.app.onState((state) => states.push(state));
    hit(cluster, ZERO, 1);
    await cluster.until('the error', () => instance.app.state === 'ERROR');
    expect(states.slice(-2)).toEqual(['PENDING_ERROR', 'ERROR']);
    await closing(cluster, instance);
    expect(instance.app.state).toBe('NOT_RUNNING');
  });

  const actions: UncaughtErrorAction[] = ['restart-task', 'replace-thread'];
  test.each(actions)('may pass by itself: %s', async (action) => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(stopping(3, poison), {
      onUncaughtError: { processing: action },
    });
    await running(cluster, [instance, 2]);
    for (const n of [0, 1, 0]) hit(cluster, ZERO, n);
    hit(cluster, ONE);
    await cluster.until('the task to be away', () => instance.app.tasks().length < 2);
    await cluster.pass(1);
    expect(instance.app.state).toBe('REBALANCING');
    await cluster.until('the counts', () => cluster.committed('counts').length === 4);
    expect([countsOf(cluster, ZERO), countsOf(cluster, ONE)]).toEqual([[1, 2, 3], [1]]);
    await running(cluster, [instance, 2]);
    const { failedThreads, threads, uncaughtErrors } = await instance.app.status();
    expect(uncaughtErrors.get('processing')).toBe(3);
    expect([failedThreads, threads.length]).toEqual([action === 'replace-thread' ? 3 : 0, 1]);
    await closing(cluster, instance);
  });

  test('whose thread is replaced: one that was let go meanwhile does not take its tasks up again', async () => {
    const cluster = new QuietCluster(TOPICS);
    const group = { isUnheard: false };
    const onUncaughtError = { processing: 'replace-thread' } as const;
    const kafkaOf = unheard(group);
    const first = cluster.start(stopping(1, poison), { kafkaOf, onUncaughtError });
    await running(cluster, [first, 2]);
    const second = cluster.start(counting());
    await running(cluster, [first, 1], [second, 1]);
    const key = first.app.tasks()[0]!.partition === 0 ? ZERO : ONE;
    group.isUnheard = true;
    await running(cluster, [second, 2]);
    const before = [...cluster.producers];
    hit(cluster, key, 1);
    await cluster.pass(10_000);
    expect((await first.app.status()).failedThreads).toBe(1);
    expect(cluster.producers).toEqual(before);
    expect(countsOf(cluster, key)).toEqual([1]);
    group.isUnheard = false;
    await running(cluster, [first, 1], [second, 1]);
    expect((await second.app.status()).uncaughtErrors.size).toBe(0);
    await closing(cluster, first, second);
  });

  test('is given to a function with its kind and task', async () => {
    const cluster = new QuietCluster(TOPICS);
    const asked: [string, UncaughtErrorContext][] = [];
    const instance = cluster.start(stopping(1, poison), {
      onUncaughtError: (error, context) => {
        asked.push([error.message, context]);
        return 'restart-task';
      },
    });
    await running(cluster, [instance, 2]);
    hit(cluster, ZERO, 1);
    await cluster.until('the count', () => countsOf(cluster, ZERO).length === 1);
    const context = { kind: 'processing', task: '0_0' };
    expect(asked).toEqual([['a record that must not be passed over', context]]);
    await closing(cluster, instance);
  });

  test('whose handler fails, too, ends the instance', async () => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(stopping(1, poison), {
      onUncaughtError: () => {
        throw new TypeError('a handler with a fault');
      },
    });
    hit(cluster, ZERO, 1);
    await cluster.until('the error', () => instance.app.state === 'ERROR');
    expect(instance.app.error!.message).toBe('a record that must not be passed over');
    await closing(cluster, instance);
  });
});

describe('a shutdown of the application', () => {
  test('ends every instance in ERROR, with the reason', async () => {
    const cluster = new QuietCluster({ ...TOPICS, hits: 4 });
    const instances: StartedInstance[] = [];
    for (let i = 0; i < 3; i++) {
      const onUncaughtError = { processing: 'shutdown-application' } as const;
      instances.push(cluster.start(stopping(1, poison), { onUncaughtError }));
    }
    await cluster.until('all to run', () =>
      instances.every(({ app }) => app.state === 'RUNNING' && app.tasks().length > 0),
    );
    hit(cluster, 'any', 1);
    await cluster.until('all to have ended', () =>
      instances.every(({ app }) => app.state === 'ERROR'),
    );
    const reasons = instances.map(({ app }) => app.error!.message).sort();
    const told = "an instance of 'app' has shut the application down: ";
    const reason = 'a record that must not be passed over';
    expect(reasons).toEqual([reason, told + reason, told + reason]);
    const { leavers } = cluster.broker.group('app');
    expect(instances.filter(({ disk }) => leavers.has(disk.instanceId))).toHaveLength(3);
    await closing(cluster, ...instances);

    // Once the cause is mended, it starts as ever.
    const again = cluster.start(counting());
    await running(cluster, [again, 4]);
    await cluster.until('the count', () => countsOf(cluster, 'any').length === 1);
    await closing(cluster, again);
  });

  test('reaches a member that is slower than the others are gone', async () => {
    const cluster = new QuietCluster(TOPICS);
    const onUncaughtError = { processing: 'shutdown-application' } as const;
    let slowMs = 0;
    // The leader is quick: a slow one would hold up the rest.
    const quick = cluster.start(stopping(1, poison), { onUncaughtError });
    await running(cluster, [quick, 2]);
    const slow = cluster.start(counting(), {
      kafkaOf: (kafka, clock) =>
        overriding(kafka, {
          async syncGroup(member, plan) {
            await clock.sleep(slowMs);
            return kafka.syncGroup(member, plan);
          },
        }),
    });
    await running(cluster, [slow, 1], [quick, 1]);
    slowMs = 500;
    hit(cluster, quick.app.tasks()[0]!.partition === 0 ? ZERO : ONE, 1);
    await cluster.until('both to have ended', () =>
      [slow, quick].every(({ app }) => app.state === 'ERROR'),
    );
    await closing(cluster, slow, quick);
  });

  test('ends the one that asks for it also when the group can not be told', async () => {
    const cluster = new QuietCluster(TOPICS);
    const onUncaughtError = { processing: 'shutdown-application' } as const;
    const instance = cluster.start(
      counting(({ n }) => {
        if (n !== 1) return;
        instance.process.cutOffUntil = Infinity;
        throw poison();
      }),
      { onUncaughtError },
    );
    await running(cluster, [instance, 2]);
    hit(cluster, ZERO, 1);
    await cluster.until('the error', () => instance.app.state === 'ERROR');
    await closing(cluster, instance);
  });
});

describe('a fault', () => {
  /** Its `n`th write fails, before it is done or after; whatever is open then is of no use any more. */
  function failing(n: number, when: 'before' | 'after') {
    let writes = 0;
    return (backend: StateBackend): StateBackend => {
      let isBroken = false;
      const whole = (): StateBackend => {
        if (isBroken) throw new Error('the disk was full: open it anew');
        return backend;
      };
      return {
        getMany: (column, keys) => whole().getMany(column, keys),
        scan: (column, from, limit) => whole().scan(column, from, limit),
        clear: (column) => whole().clear(column),
        sizeBytes: () => backend.sizeBytes(),
        close: () => backend.close(),
        batch() {
          const batch = whole().batch();
          return {
            put: (column, key, value) => batch.put(column, key, value),
            delete: (column, key) => batch.delete(column, key),
            write() {
              isBroken = ++writes === n;
              if (isBroken && when === 'before') throw new Error('the disk is full');
              batch.write();
              if (isBroken) throw new Error('the disk is full');
            },
          };
        },
      };
    };
  }

  test.each([
    ['restart-task', 'before'],
    ['restart-task', 'after'],
    ['replace-thread', 'before'],
    ['replace-thread', 'after'],
  ] as const)('of the disk costs no record: %s, %s the write', async (action, when) => {
    for (let n = 1; n <= 8; n++) {
      const cluster = new QuietCluster(TOPICS);
      const instance = cluster.start(counting(), {
        onUncaughtError: { bug: action },
        backendOf: failing(n, when),
      });
      for (let i = 0; i < 5; i++) {
        hit(cluster, ZERO);
        hit(cluster, ONE);
        await cluster.pass(500);
      }
      await cluster.until('all counts', () => cluster.committed('counts').length >= 10);
      await running(cluster, [instance, 2]);
      expect(countsOf(cluster, ZERO)).toEqual([1, 2, 3, 4, 5]);
      expect(countsOf(cluster, ONE)).toEqual([1, 2, 3, 4, 5]);
      expect((await instance.app.status()).uncaughtErrors.get('bug')).toBe(1);
      await closing(cluster, instance);
    }
  });

  test('ends the instance by default', async () => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(counting(), { backendOf: failing(3, 'before') });
    for (const key of [ZERO, ONE]) hit(cluster, key);
    await cluster.until('the error', () => instance.app.state === 'ERROR');
    expect(instance.app.error!.message).toBe('the disk is full');
    await closing(cluster, instance);
  });
});

describe('what Kafka refuses for good', () => {
  const refusing = (times: number) => {
    let left = times;
    return (kafka: Kafka) =>
      overriding(kafka, {
        heartbeat: (member) =>
          left-- > 0
            ? Promise.reject(new KafkaError('GROUP_AUTHORIZATION_FAILED', 'no right to heartbeat'))
            : kafka.heartbeat(member),
      });
  };

  test('in the group ends the instance by default, and commits before', async () => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(counting(), { kafkaOf: refusing(1) });
    await running(cluster, [instance, 2]);
    await cluster.until('the error', () => instance.app.state === 'ERROR');
    expect(instance.app.error!.message).toBe('no right to heartbeat');
    await closing(cluster, instance);
  });

  test('in the group, may be tried again: replace-thread', async () => {
    const cluster = new QuietCluster(TOPICS);
    const instance = cluster.start(counting(), {
      kafkaOf: refusing(3),
      onUncaughtError: { refused: 'replace-thread' },
    });
    await running(cluster, [instance, 2]);
    await cluster.pass(20_000);
    hit(cluster, ZERO);
    await cluster.until('the count', () => countsOf(cluster, ZERO).length === 1);
    await running(cluster, [instance, 2]);
    expect((await instance.app.status()).uncaughtErrors.get('refused')).toBe(3);
    await closing(cluster, instance);
  });
});
