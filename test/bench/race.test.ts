import { expect, test } from 'vitest';
import { silentProgress } from './testing/silent-progress.ts';
import type { Contender } from './contender.ts';
import type { Measurement, RunResult } from './measurements/measurement.ts';
import { race } from './race.ts';
import { isRight, report, reportText } from './report.ts';

const machine = {
  cores: 2,
  cpu: 'a CPU',
  memoryGiB: 4,
  system: 'Linux 6',
  node: 'v24.0.0',
  date: '2026-03-01T00:00:00.000Z',
  command: 'npm run bench --',
};
const contenders = (['kafka-alert', 'peer'] as const).map((name): Contender => ({
  name,
  launch: () => {
    throw new Error('nothing is started here');
  },
}));

function measurement(results: (contender: string, nth: number) => RunResult): Measurement {
  let runs = 0;
  return {
    name: 'throughput',
    figures: [{ name: 'records/s', digits: 0 }],
    threads: [1, 2],
    prepare: () => Promise.resolve(),
    run: ({ name }) => Promise.resolve(results(name, runs++)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

test('contenders take turns', async () => {
  const measured = measurement((_, nth) => ({ values: { 'records/s': nth } }));
  const { runs } = await race(measured, contenders, 2, silentProgress());
  expect(runs.map((run) => `${run.contender} ${run.threads} #${run.run}`)).toEqual([
    'kafka-alert 1 #1',
    'peer 1 #1',
    'kafka-alert 2 #1',
    'peer 2 #1',
    'kafka-alert 1 #2',
    'peer 1 #2',
    'kafka-alert 2 #2',
    'peer 2 #2',
  ]);
  expect(runs.map(({ values }) => values['records/s'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('the summary has the medians, their spread and their ratio', async () => {
  const measured = measurement((name, nth) => ({
    values: { 'records/s': name === 'peer' ? 1000 : 2000 + 100 * nth },
  }));
  const all = report(machine, [await race(measured, contenders, 2, silentProgress())]);
  expect(all.summary[0]).toEqual({
    measurement: 'throughput',
    figure: 'records/s',
    threads: 1,
    digits: 0,
    ours: { median: 2200, least: 2000, most: 2400 },
    peer: { median: 1000, least: 1000, most: 1000 },
    ratio: 2.2,
  });
  expect(isRight(all)).toBe(true);
  expect(reportText(all)).toMatch(
    /throughput +records\/s +1 +2,200 +2,000 – 2,400 +1,000 .* 2\.20\n/,
  );
});

test('a wrong outcome is told, and makes the report a wrong one', async () => {
  const measured = measurement((name) => ({
    values: { 'records/s': 1 },
    fault: name === 'peer' ? '3 alerts expected, 2 found' : undefined,
  }));
  const all = report(machine, [await race(measured, contenders, 1, silentProgress())]);
  expect(isRight(all)).toBe(false);
  expect(reportText(all)).toContain('peer, 1 thread(s), run 1: WRONG: 3 alerts expected, 2 found');
});

test('what fails ends the race', async () => {
  const measured = measurement(() => {
    throw new Error('no broker');
  });
  await expect(race(measured, contenders, 1, silentProgress())).rejects.toThrow('no broker');
});
