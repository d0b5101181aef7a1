import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import {
  expectedReadModels,
  foundReadModels,
  projectedOffsets,
  untilCaughtUp,
} from '../support/read-models.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { makeShopTopics, shopEvents } from '../support/shop-events.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let infra: Infra;

beforeAll(async () => {
  const components = ['kafka', 'registry', 'mysql'] as const;
  infra = await startInfra({ dataDir: testFolder(), temporary: true, components });
});
afterAll(() => infra.stop());

test('the database away at the start, then killed in the midst of writing: DOWN, and all is there once', async () => {
  await using kafka = await TestKafka.open(6, infra.addresses);
  await using state = await temporaryFolder();
  const url = infra.addresses['MYSQL_URL']!;
  await makeShopTopics(kafka);
  infra.kill('mysql');
  const env = { ...kafka.env, STATE_DIR: state.path };
  await using service = await ServiceProcess.start(env, 'projections');
  await until(service, 'DOWN');
  await kafka.write(shopEvents(kafka, { orders: 200, seed: 1 }));
  await infra.restart('mysql');
  await until(service, 'UP');

  await kafka.write(shopEvents(kafka, { orders: 200, seed: 2 }));
  const before = await projectedOffsets(url);
  await kafka.write(shopEvents(kafka, { orders: 200, seed: 3 }));
  await eventually('some of it to be written', async () => (await projectedOffsets(url)) > before);
  infra.kill('mysql');
  await until(service, 'DOWN');
  expect((await service.health())?.components['database']?.status).toBe('DOWN');
  await kafka.write(shopEvents(kafka, { orders: 200, seed: 4 }));
  await infra.restart('mysql');
  await until(service, 'UP');
  await untilCaughtUp(kafka, url);

  const expected = await expectedReadModels(kafka);
  const found = await foundReadModels(url, kafka.name);
  for (const [table, rows] of Object.entries(expected)) {
    expect(rows.length, table).toBeGreaterThan(0);
    expect(found[table as keyof typeof found], table).toEqual(rows);
  }
  expect(await service.metrics()).not.toMatch(/^projection_dead_letters_total.* [1-9]/m);
  expect(await service.end('SIGTERM')).toBe(0);
});

function until(service: ServiceProcess, status: 'UP' | 'DOWN'): Promise<true> {
  return eventually(`health ${status}`, async () => {
    if (service.hasEnded) throw new Error(service.log);
    return (await service.health())?.status === status;
  });
}
