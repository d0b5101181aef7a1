import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaAnswers } from '../../services/launcher/infra/probes.ts';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { eventually } from './processes.ts';

describe('one broker', () => {
  let infra: Infra;
  const port = () => Number(infra.addresses['KAFKA_BROKERS']!.split(':')[1]);

  beforeAll(async () => {
    infra = await startInfra({
      dataDir: testFolder(),
      temporary: true,
      components: ['kafka'],
      mode: 'native',
    });
  });
  afterAll(() => infra.stop());

  test('can be killed, and comes back on the same port', async () => {
    const before = port();
    infra.kill('kafka');
    await eventually('the broker gone', async () => !(await kafkaAnswers(before)));
    await infra.restart('kafka');
    expect(port()).toBe(before);
    expect(await kafkaAnswers(before)).toBe(true);
  });
});

describe('MariaDB, Redis and Elasticsearch', () => {
  test('start, answer, and leave nothing on the disk when their data is temporary', async () => {
    const dataDir = testFolder();
    const infra = await startInfra({
      dataDir,
      temporary: true,
      components: ['mysql', 'redis', 'elasticsearch'],
      mode: 'native',
    });
    try {
      const { MYSQL_URL, REDIS_URL, ELASTICSEARCH_URL } = infra.addresses;
      expect(MYSQL_URL).toMatch(/^mysql:\/\/shop:shop@127\.0\.0\.1:\d+\/shop$/);
      expect(REDIS_URL).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
      const index = await fetch(`${ELASTICSEARCH_URL!}/products`, { method: 'PUT' });
      expect(await index.json()).toMatchObject({ acknowledged: true });
    } finally {
      await infra.stop();
    }
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('a component that does not come up', () => {
  test('is reported with its own last words, and nothing is left running', async () => {
    const dataDir = testFolder();
    const start = startInfra({
      dataDir,
      temporary: true,
      components: ['redis', 'mysql'],
      mode: 'native',
      overrides: { redis: { 'maxmemory-policy': 'no-such-policy' } },
    });
    await expect(start).rejects.toThrow(/Redis ended with code 1.*maxmemory-policy/s);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('is reported with its own last words when it fails while it is being set up', async () => {
    const start = startInfra({
      dataDir: testFolder(),
      temporary: true,
      components: ['kafka'],
      mode: 'native',
      overrides: { kafka: { 'num.network.threads': 'many' } },
    });
    await expect(start).rejects.toThrow(/Invalid value many for configuration num.network.threads/);
  });
});

test('a preferred port that somebody listens on is passed over', async () => {
  const preferred = 16379;
  const stranger = createServer().listen(preferred, '127.0.0.1');
  // When it is taken already, by an `npm start`, that one is the stranger.
  await Promise.race([once(stranger, 'listening'), once(stranger, 'error')]);
  const infra = await startInfra({
    dataDir: testFolder(),
    temporary: true,
    components: ['redis'],
    ports: 'preferred',
    mode: 'native',
  });
  const port = Number(new URL(infra.addresses['REDIS_URL']!).port);
  await infra.stop();
  stranger.close();
  expect(port).toBeGreaterThan(preferred);
});
