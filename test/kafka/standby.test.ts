import { expect, test } from 'vitest';
import { eventually, TestKafka } from '../support/kafka.ts';
import { committedOutcome, inputRecords, undisturbedOutcome } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

test('a standby takes over warm, and hands back what a joining instance gets, exactly once', async () => {
  await using kafka = await TestKafka.open(4);
  await using folderA = await temporaryFolder();
  await using folderB = await temporaryFolder();
  const graceMs = 3000;
  const env = {
    ...kafka.env,
    COMMIT_INTERVAL_MS: '1',
    GRACE_MS: String(graceMs),
    STANDBY_REPLICAS: '1',
  };

  await using first = await ServiceProcess.start({ ...env, STATE_DIR: folderA.path });
  await using second = await ServiceProcess.start({ ...env, STATE_DIR: folderB.path });
  await eventually('two tasks and two replicas each', async () => {
    const tasks = await Promise.all([first.tasks(), second.tasks()]);
    const standbys = await Promise.all([first.warmStandbys(), second.warmStandbys()]);
    return [...tasks, ...standbys].every((each) => each.length === 2);
  });
  const records = traffic(2000, 44, { start: Date.now() + 1000, speed: 100 });
  const expected = undisturbedOutcome(records, kafka.topics, { graceMs });
  await kafka.write(inputRecords(records, kafka.topics));
  await eventually('half of it to be committed', async () => {
    const { committed, end } = await kafka.progress();
    return committed > end / 2;
  });
  await eventually(
    'the replicas to have caught up',
    async () => (await second.warmStandbys()).length === 2,
  );
  const taken = await second.warmStandbys();
  await first.end('SIGKILL');
  await eventually('the takeover', async () => (await second.tasks()).length === 4);
  // Warm: nothing but the tail is read when a replica becomes active.
  const restored = restoredRecords(await second.metrics());
  for (const task of taken) expect(restored.get(task)).toBeLessThan(100);

  await using third = await ServiceProcess.start({ ...env, STATE_DIR: folderA.path });
  await eventually('the tasks to be shared again', async () => {
    const tasks = await Promise.all([second.tasks(), third.tasks()]);
    return tasks.every((each) => each.length === 2);
  });
  await eventually('everything to be processed', async () => {
    const { alerts, resolved } = await committedOutcome(kafka);
    return alerts.length >= expected.alerts.length && resolved.length >= expected.resolved.length;
  });
  expect(await third.end('SIGTERM')).toBe(0);
  expect(await second.end('SIGTERM')).toBe(0);
  expect(await committedOutcome(kafka)).toEqual(expected);
});

function restoredRecords(metrics: string): Map<string, number> {
  const found = metrics.matchAll(/kafka_streams_task_restore_total\{task="([^"]+)"\} (\d+)/g);
  return new Map([...found].map(([, task, count]) => [task!, Number(count)]));
}
