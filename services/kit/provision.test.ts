import type { Admin } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { topics } from '#schemas';
import { ensureTopics, provision, ProvisionError, topicsOf } from './provision.ts';
import { readSettings } from './settings.ts';

const declared = Object.values(topics);

describe('topics', () => {
  test('missing ones are created as declared, with the replication of the broker', async () => {
    const admin = new FakeAdmin();
    const lines = await ensureTopics(admin.port, declared);
    expect(lines).toHaveLength(declared.length);
    expect(admin.created[0]).toEqual({
      topic: 'order-status-changed',
      numPartitions: 6,
      replicationFactor: -1,
      configEntries: expect.arrayContaining([
        { name: 'message.timestamp.type', value: 'LogAppendTime' },
      ]) as unknown,
    });
  });

  test('what is there is left alone', async () => {
    const admin = new FakeAdmin();
    await ensureTopics(admin.port, declared);
    admin.created.length = 0;
    expect(await ensureTopics(admin.port, declared)).toEqual([]);
    expect(admin.created).toEqual([]);
  });

  test('another number of partitions stops it, with what to do', async () => {
    const admin = new FakeAdmin();
    admin.topics.set('order-status-changed', { partitions: 3, timestamps: 'LogAppendTime' });
    const outcome = ensureTopics(admin.port, declared);
    await expect(outcome).rejects.toThrow(ProvisionError);
    await expect(outcome).rejects.toThrow(
      /order-status-changed has 3 partitions, declared are 6.*delete the topic.*ORDER_TOPIC/,
    );
  });

  test('a service takes existing topics as they are, and creates the others alike', async () => {
    const admin = new FakeAdmin();
    admin.topics.set('order-status-changed', { partitions: 3, timestamps: 'LogAppendTime' });
    const lines = await ensureTopics(admin.port, declared, 'as found');
    expect(lines).toContain('topic payment-status-observed created, 3 partitions');
  });

  test('timestamps that let retention delete a replay are warned of', async () => {
    const admin = new FakeAdmin();
    admin.topics.set('order-status-changed', { partitions: 6, timestamps: 'CreateTime' });
    const lines = await ensureTopics(admin.port, declared);
    expect(lines).toContainEqual(
      expect.stringMatching(/^warning: topic order-status-changed has .*=CreateTime/),
    );
  });
});

test('the settings name the topics', () => {
  const settings = readSettings({ env: { ALERT_TOPIC: 'mine' }, cwd: '/nowhere' });
  expect(topicsOf(settings).map((topic) => topic.name)).toEqual([
    'order-status-changed',
    'payment-status-observed',
    'mine',
    'alerts.order_payment_inconsistency.resolved.v1',
  ]);
});

test('waits for a broker that is not there yet, says so once, and gives up in the end', async () => {
  let clock = 0;
  const pauses: number[] = [];
  const lines: string[] = [];
  const outcome = provision({ KAFKA_BROKERS: '127.0.0.1:1' }, (line) => lines.push(line), {
    timeoutMs: 1_500,
    now: () => clock,
    sleep: (ms) => {
      clock += ms;
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  await expect(outcome).rejects.toThrow(/ECONNREFUSED/);
  expect(pauses).toEqual([200, 400, 800]);
  expect(lines).toEqual([expect.stringMatching(/^waiting for the broker: .*ECONNREFUSED/)]);
});

/** As much of the admin client as is used, over topics in memory. */
class FakeAdmin {
  readonly topics = new Map<string, { partitions: number; timestamps: string }>();
  readonly created: { topic: string }[] = [];

  get port(): Admin {
    const fake: { [K in keyof Admin]?: unknown } = {
      listTopics: () => Promise.resolve([...this.topics.keys()]),
      createTopics: (request: Parameters<Admin['createTopics']>[0]) => {
        for (const topic of request.topics) {
          this.created.push(topic);
          const timestamps = topic.configEntries?.find((entry) => entry.name.includes('timestamp'));
          this.topics.set(topic.topic, {
            partitions: topic.numPartitions ?? 1,
            timestamps: timestamps?.value ?? 'CreateTime',
          });
        }
        return Promise.resolve(true);
      },
      fetchTopicMetadata: (request: { topics: string[] }) =>
        Promise.resolve({
          topics: request.topics.map((name) => ({
            name,
            partitions: Array.from({ length: this.topics.get(name)?.partitions ?? 0 }),
          })),
        }),
      describeConfigs: (request: { resources: { name: string }[] }) =>
        Promise.resolve({
          resources: request.resources.map(({ name }) => ({
            resourceName: name,
            configEntries: [
              {
                configName: 'message.timestamp.type',
                configValue: this.topics.get(name)?.timestamps,
              },
            ],
          })),
        }),
    };
    return fake as Admin;
  }
}
