import { expect, test } from 'vitest';
import { allProcesses, memoryOf, parseBusyMs, parseStat, parseStatus, treeOf } from './proc.ts';
import { ProcessMeter } from './process-meter.ts';

test('a stat line gives parent and CPU time, whatever the name', () => {
  const line =
    '4711 (a (b) c) S 42 4711 4711 0 -1 4194560 1000 0 0 0 250 50 7 8 20 0 11 0 12345 1000 200';
  expect(parseStat(line)).toEqual({ pid: 4711, parent: 42, cpuMs: 3000 });
});

test('a status gives resident memory and its peak', () => {
  const text = 'Name:\tnode\nVmPeak:\t 900000 kB\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n';
  expect(parseStatus(text)).toEqual({ residentBytes: 2 ** 20, peakBytes: 2 ** 21 });
  expect(parseStatus('Name:\tnode\nState:\tZ (zombie)\n')).toEqual({
    residentBytes: 0,
    peakBytes: 0,
  });
});

test('the machine is busy with all but idling, waiting and being stolen from', () => {
  expect(parseBusyMs('cpu  100 20 30 4000 500 6 7 80 0 0\ncpu0 1 2 3 4\n')).toBe(1630);
});

test('a tree is a process, its children and theirs', () => {
  const all = [
    { pid: 1, parent: 0, cpuMs: 0 },
    { pid: 10, parent: 1, cpuMs: 1 },
    { pid: 11, parent: 10, cpuMs: 2 },
    { pid: 12, parent: 11, cpuMs: 3 },
    { pid: 20, parent: 1, cpuMs: 4 },
  ];
  expect(treeOf(10, all).map(({ pid }) => pid)).toEqual([10, 11, 12]);
  expect(treeOf(99, all)).toEqual([]);
});

test('this process is found, and can be metered', () => {
  const self = allProcesses().find(({ pid }) => pid === process.pid);
  expect(self).toMatchObject({ parent: process.ppid });
  expect(memoryOf(process.pid)[0]!.residentBytes).toBeGreaterThan(2 ** 20);
  using meter = new ProcessMeter(process.pid);
  const { cpuMs, residentBytes, peakBytes } = meter.read();
  expect(cpuMs).toBeGreaterThan(0);
  expect(peakBytes).toBeGreaterThanOrEqual(residentBytes);
});

test('a process that is gone has no memory', () => {
  expect(memoryOf(2 ** 22 + 1)).toEqual([]);
});
