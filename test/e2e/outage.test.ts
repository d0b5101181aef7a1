import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let infra: Infra;

beforeAll(async () => {
  const components = ['kafka', 'registry'] as const;
  infra = await startInfra({ dataDir: testFolder(), temporary: true, components });
});
afterAll(() => infra.stop());

test('broker and registry away at the start, then the broker in between: DOWN, no exit, and on it goes', async () => {
  await using kafka = await TestKafka.open(2, infra.addresses);
  await using state = await temporaryFolder();
  const alertFor = async (orderNo: string) => {
    const value = { orderNo, status: 'COMPLETED', eventId: `evt-${orderNo}`, source: 'WEBHOOK' };
    // Longer ago than the grace, so that it is raised at once; not longer than the retention.
    const occurredAt = Date.now() - 600_000;
    const topic = kafka.topics.paymentStatusObserved;
    await kafka.write([{ topic, key: orderNo, value: { ...value, occurredAt } }]);
    await eventually(`the alert for ${orderNo}`, async () => {
      const alerts = await kafka.readValues(kafka.topics.alertRaised);
      return alerts.some((alert) => alert.orderNo === orderNo);
    });
  };

  infra.kill('kafka');
  infra.kill('registry');
  await using service = await ServiceProcess.start({ ...kafka.env, STATE_DIR: state.path });
  await until(service, 'DOWN');
  await eventually('a line that says what is missing', () => service.log.includes('ECONNREFUSED'));
  await infra.restart('registry');
  await infra.restart('kafka');
  await until(service, 'UP');
  await alertFor('ORD-1');

  infra.kill('kafka');
  await until(service, 'DOWN');
  expect((await service.health())?.components['kafka']?.status).toBe('DOWN');
  await infra.restart('kafka');
  await until(service, 'UP');
  await alertFor('ORD-2');
  expect(await service.end('SIGTERM')).toBe(0);
});

function until(service: ServiceProcess, status: 'UP' | 'DOWN'): Promise<true> {
  return eventually(`health ${status}`, async () => {
    if (service.hasEnded) throw new Error(service.log);
    return (await service.health())?.status === status;
  });
}
