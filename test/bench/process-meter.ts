import { allProcesses, machineBusyMs, memoryOf, treeOf } from './proc.ts';

const EVERY_MS = 250;

/** What a process and everything below it has used since it was started. */
export interface Usage {
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** Sum of the peaks of those that were there together. */
  readonly peakBytes: number;
  /** CPU time of the rest of the machine since the meter was started: brokers, the benchmark itself, strangers. */
  readonly otherCpuMs: number;
}

/** Looks at a process tree four times a second. */
export class ProcessMeter implements Disposable {
  readonly #pid: number;
  readonly #cpuMs = new Map<number, number>();
  readonly #busyAtStart = machineBusyMs();
  readonly #timer: NodeJS.Timeout;
  readonly #cpuAtStart: number;
  #peakBytes = 0;
  #residentBytes = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#look();
    this.#cpuAtStart = this.#treeCpuMs();
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** Up to now; after the process's end up to the last look at it. */
  read(): Usage {
    this.#look();
    const cpuMs = this.#treeCpuMs();
    const busyMs = machineBusyMs() - this.#busyAtStart;
    return {
      cpuMs,
      residentBytes: this.#residentBytes,
      peakBytes: this.#peakBytes,
      otherCpuMs: Math.max(0, busyMs - (cpuMs - this.#cpuAtStart)),
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Those that have ended count with what they had at the last look. */
  #treeCpuMs(): number {
    return this.#cpuMs.values().reduce((sum, ms) => sum + ms, 0);
  }

  #look(): void {
    const tree = treeOf(this.#pid, allProcesses());
    for (const { pid, cpuMs } of tree) this.#cpuMs.set(pid, cpuMs);
    const memory = tree.flatMap(({ pid }) => memoryOf(pid));
    if (memory.length === 0) return;
    this.#residentBytes = memory.reduce((sum, each) => sum + each.residentBytes, 0);
    const peak = memory.reduce((sum, each) => sum + each.peakBytes, 0);
    this.#peakBytes = Math.max(this.#peakBytes, peak);
  }
}
