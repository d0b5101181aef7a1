import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second (USER_HZ) on every architecture that Node.js runs on. */
const TICK_MS = 10;

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, ms. */
  readonly cpuMs: number;
}

export interface ProcessMemory {
  /** Resident now, and at most so far; bytes. */
  readonly residentBytes: number;
  readonly peakBytes: number;
}

/** Reads `/proc/PID/stat`. The name in it may have spaces and brackets, so fields count from its last bracket. */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid: parseInt(text, 10), parent: Number(fields[1]), cpuMs: ticks * TICK_MS };
}

/** Reads `/proc/PID/status`; zeros for a process that has ended and not been waited for. */
export function parseStatus(text: string): ProcessMemory {
  const bytes = (name: string) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
  return { residentBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
}

/** CPU time that all of the machine has spent on anything, ms; reads `/proc/stat`. */
export function parseBusyMs(text: string): number {
  const line = text.split('\n', 1)[0]!;
  const [user, nice, system, , , irq, softirq] = line.trim().split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + irq! + softirq!) * TICK_MS;
}

/** A process and all below it, from a list of all there are. */
export function treeOf(root: number, all: readonly ProcessStat[]): ProcessStat[] {
  const self = all.filter(({ pid }) => pid === root);
  const children = all.filter(({ parent }) => parent === root);
  return [...self, ...children.flatMap(({ pid }) => treeOf(pid, all))];
}

/** Every process of the machine that can be looked at. */
export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => ifAlive(() => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))));
}

export function memoryOf(pid: number): ProcessMemory[] {
  return ifAlive(() => parseStatus(readFileSync(`/proc/${String(pid)}/status`, 'utf8')));
}

export function machineBusyMs(): number {
  return parseBusyMs(readFileSync('/proc/stat', 'utf8'));
}

/** A process may end between being listed and being looked at. */
function ifAlive<T>(look: () => T): T[] {
  try {
    return [look()];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}
