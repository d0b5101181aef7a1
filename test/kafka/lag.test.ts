import { expect, test } from 'vitest';
import type { PartitionLag } from '../../services/kafka-alert/cli/lag.ts';
import { main } from '../../services/kafka-alert/cli/main.ts';
import { fakeIo } from '../../services/kafka-alert/cli/testing/fake-io.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { inputRecords } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

interface Report {
  readonly members: readonly { readonly address: string | null }[];
  readonly totalLag: number;
  readonly partitions: readonly (Omit<PartitionLag, 'watermark'> & { watermark: string | null })[];
}

test('lag: of a group that never was, that runs, and that is down while records come in', async () => {
  await using kafka = await TestKafka.open(2);
  await using state = await temporaryFolder();
  const run = async (...args: string[]) => {
    const io = fakeIo({ env: kafka.env, now: Date.now });
    const code = await main(['lag', ...args], io);
    return { code, ...io.written };
  };
  const report = async () => JSON.parse((await run('--json')).out) as Report;
  expect(await run()).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('has no members and has committed nothing') as string,
  });

  const records = inputRecords(
    [...traffic(40, 7, { start: Date.now(), speed: 100 })],
    kafka.topics,
  );
  const half = records.length / 2;
  await kafka.write(records.slice(0, half));
  const service = await ServiceProcess.start({ ...kafka.env, STATE_DIR: state.path });
  try {
    await eventually('everything to be committed', async () => {
      const { committed, end } = await kafka.progress();
      return end > 0 && committed === end;
    });
    const live = await eventually('live answers', async () => {
      const found = await report();
      return found.partitions.every(({ isLive }) => isLive) && found;
    });
    expect(live.members.map(({ address }) => address)).toEqual([service.address]);
    expect([live.totalLag, live.partitions.length]).toEqual([0, 4]);
    for (const { timers, watermarkDelayMs } of live.partitions) {
      expect(timers).toBeGreaterThan(0);
      expect(watermarkDelayMs).toBeLessThan(60_000);
    }
    expect((await run('--max-lag', '0')).code).toBe(0);
  } finally {
    await service.end('SIGTERM');
  }

  await kafka.write(records.slice(half));
  const down = await report();
  expect(down.members).toEqual([]);
  expect(down.totalLag).toBeGreaterThanOrEqual(records.length - half);
  for (const each of down.partitions) {
    expect(each).toMatchObject({ lag: each.end - each.position!, timers: null, isLive: false });
    expect(Date.parse(each.watermark!)).toBeGreaterThan(Date.now() - 3_600_000);
  }
  const behind = await run('--max-lag', '0');
  expect(behind.code).toBe(1);
  expect(behind.out).toContain('no members: it is not running');
  expect(behind.err).toMatch(/^kafka-alert: more than 0 behind: t-/);
});
