import { expect, test } from 'vitest';
import { eventually, TestKafka } from '../support/kafka.ts';
import {
  committedOutcome,
  inputRecords,
  undisturbedOutcome,
  type Outcome,
} from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

const ORDERS = 4000;

test('kill -9 in the middle of the records: the alerts are those of an undisturbed run', async () => {
  await using kafka = await TestKafka.open();
  await using state = await temporaryFolder();
  const records = [...traffic(ORDERS, 42)];
  const expected = undisturbedOutcome(records, kafka.topics);
  await kafka.write(inputRecords(records, kafka.topics));
  const env = { ...kafka.env, STATE_DIR: state.path, COMMIT_INTERVAL_MS: '1' };

  // Killed as soon as it has committed a further share, then started again over what is left on the disk.
  let kills = 0;
  for (const share of [0.1, 0.4, 0.7]) {
    await using service = await ServiceProcess.start(env);
    await shareCommitted(kafka, service, share);
    await service.end('SIGKILL');
    const { committed, end } = await kafka.progress();
    if (committed < end) kills++;
  }
  expect(kills).toBeGreaterThan(0);

  await using service = await ServiceProcess.start(env);
  await allProcessed(kafka, service, expected);
  // Of the changelogs only the tail was read: what was committed and not written to the disk yet.
  const metrics = await service.metrics();
  const read = sumOf(metrics, 'kafka_streams_task_restore_total');
  expect(read).toBeLessThan(sumOf(metrics, 'kafka_streams_task_changelog_records') / 2);
  expect(await service.end('SIGTERM')).toBe(0);
  expect(await committedOutcome(kafka)).toEqual(expected);
});

function sumOf(metrics: string, name: string): number {
  const values = [...metrics.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))];
  expect(values.length).toBeGreaterThan(0);
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

function shareCommitted(kafka: TestKafka, service: ServiceProcess, share: number): Promise<true> {
  return eventually(`${share} of the records to be committed`, async () => {
    if (service.hasEnded) throw new Error(service.log);
    const { committed, end } = await kafka.progress();
    return committed >= share * end;
  });
}

function allProcessed(kafka: TestKafka, service: ServiceProcess, expected: Outcome): Promise<true> {
  return eventually('everything to be processed', async () => {
    if (service.hasEnded) throw new Error(service.log);
    const { committed, end } = await kafka.progress();
    if (committed < end) return false;
    const alerts = await kafka.readAll(kafka.topics.alertRaised.name);
    const resolved = await kafka.readAll(kafka.topics.alertResolved.name);
    return alerts.length >= expected.alerts.length && resolved.length >= expected.resolved.length;
  });
}
