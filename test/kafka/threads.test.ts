import { expect, test } from 'vitest';
import { eventually, TestKafka } from '../support/kafka.ts';
import { committedOutcome, inputRecords, undisturbedOutcome } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

const ORDERS = 4000;

test('threads share the tasks; when their number changes, the local state goes with the tasks', async () => {
  await using kafka = await TestKafka.open(4);
  await using state = await temporaryFolder();
  const records = [...traffic(ORDERS, 43)];
  const expected = undisturbedOutcome(records, kafka.topics);
  const env = { ...kafka.env, STATE_DIR: state.path, COMMIT_INTERVAL_MS: '1' };
  await kafka.write(inputRecords(records, kafka.topics));
  {
    await using service = await ServiceProcess.start({ ...env, THREADS: '2' });
    await eventually('both threads to have their tasks', async () => {
      if ((await service.health())?.status !== 'UP') return false;
      const polls = (await service.metrics()).match(/^kafka_streams_thread_poll_total\{.* [1-9]/gm);
      return polls?.length === 2 && (await service.tasks()).length === 4;
    });
    await shareCommitted(kafka, 0.2);
    const metrics = await service.metrics();
    expect(metrics).toContain('kafka_streams_alive_stream_threads 2');
    for (const thread of ['StreamThread-1', 'StreamThread-2'])
      expect(metrics).toContain(`kafka_streams_thread_poll_total{thread="${thread}"}`);
    expect(await service.end('SIGTERM')).toBe(0);
  }

  await using service = await ServiceProcess.start({ ...env, THREADS: '1' });
  await shareCommitted(kafka, 1);
  // Whoever stops in order has written all to the disk: of the changelogs nothing is read.
  const restored = await eventually('the tasks', async () => {
    const found = [...(await service.taskMetric('restore_total')).values()];
    return found.length === 4 && found;
  });
  expect(restored).toEqual([0, 0, 0, 0]);
  await eventually('the alerts', async () => {
    const alerts = await kafka.readAll(kafka.topics.alertRaised.name);
    const resolved = await kafka.readAll(kafka.topics.alertResolved.name);
    return alerts.length >= expected.alerts.length && resolved.length >= expected.resolved.length;
  });
  expect(await service.end('SIGTERM')).toBe(0);
  expect(await committedOutcome(kafka)).toEqual(expected);
});

function shareCommitted(kafka: TestKafka, share: number): Promise<true> {
  return eventually(`${share} of the records to be committed`, async () => {
    const { committed, end } = await kafka.progress();
    return committed >= share * end;
  });
}
