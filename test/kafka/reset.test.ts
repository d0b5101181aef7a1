import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../services/kafka-alert/cli/main.ts';
import type { ResetPlan } from '../../services/kafka-alert/cli/reset.ts';
import { fakeIo } from '../../services/kafka-alert/cli/testing/fake-io.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { inputRecords } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

test('reset: refused while it runs, shown first, then all is raised again, on another machine too', async () => {
  await using kafka = await TestKafka.open(2);
  await using here = await temporaryFolder();
  await using there = await temporaryFolder();
  const env = { ...kafka.env, STATE_DIR: here.path };
  const run = async (...args: string[]) => {
    const io = fakeIo({ env, now: Date.now });
    const code = await main(['reset', ...args], io);
    return { code, ...io.written };
  };
  const alertIds = async () =>
    (await kafka.readValues(kafka.topics.alertRaised)).map(({ alertId }) => alertId);
  const changelogs = async () =>
    (await kafka.admin.listTopics()).filter((name) => name.startsWith(`${kafka.name}-order-tim`));
  /** Runs the service in a folder until it has read everything and raised this many alerts. */
  const work = async (folder: string, alerts: number, meanwhile?: () => Promise<void>) => {
    const service = await ServiceProcess.start({ ...env, STATE_DIR: folder });
    try {
      await eventually('everything to be committed', async () => {
        const { committed, end } = await kafka.progress();
        const isRunning = (await service.tasks()).length === 2;
        return isRunning && committed === end && (await alertIds()).length >= alerts;
      });
      await meanwhile?.();
    } finally {
      await service.end('SIGTERM');
    }
  };

  expect(await run('--to', 'earliest')).toMatchObject({
    code: 1,
    err: expect.stringContaining(`there is no group ${kafka.name}`) as string,
  });

  const week = 7 * 24 * 3_600_000;
  const records = [...traffic(60, 11, { start: Date.now() - week / 2, speed: 100 })];
  await kafka.write(inputRecords(records, kafka.topics));
  await work(there.path, 1);
  const raised = await alertIds();
  expect(raised.length).toBeGreaterThan(0);
  await work(here.path, raised.length, async () => {
    const refused = await run('--to', 'earliest');
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toMatch(/ runs: 1 member\(s\) at 127\.0\.0\.1:\d+\. Stop it first/);
  });
  expect(await alertIds()).toHaveLength(raised.length);

  const { committed } = await kafka.progress();
  const dry = await run('--to', 'earliest', '--dry-run', '--json');
  expect(dry).toMatchObject({ code: 0, err: 'nothing was changed (--dry-run)\n' });
  const folder = join(here.path, kafka.name);
  const plan = JSON.parse(dry.out) as ResetPlan;
  expect(plan).toMatchObject({ group: kafka.name, deletedFolders: [folder] });
  expect(plan.deletedTopics).toEqual(await changelogs());
  expect(plan.positions.map(({ to }) => to)).toEqual([0, 0, 0, 0]);
  expect((await kafka.progress()).committed).toBe(committed);
  expect([(await changelogs()).length, existsSync(folder)]).toEqual([1, true]);

  const done = await run('--to', 'earliest');
  expect(done.code).toBe(0);
  expect(done.out).toContain(`  delete folder ${folder}`);
  expect((await kafka.progress()).committed).toBe(0);
  expect(await changelogs()).toEqual([]);
  expect(existsSync(folder)).toBe(false);

  // Where the state of before the reset is left, it is recognized as such.
  await work(there.path, 2 * raised.length);
  const again = await alertIds();
  expect([...again].sort()).toEqual([...raised, ...raised].sort());

  // Later than the last record: everything is passed over.
  const { end } = await kafka.progress();
  expect((await run('--to', new Date().toISOString())).code).toBe(0);
  expect((await kafka.progress()).committed).toBe(end);
});
