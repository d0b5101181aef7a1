import type { Host } from './scheduler.ts';

/** An operating-system process: it can be killed at any await, and be paused as by a stopped machine. */
export class SimProcess implements Host {
  readonly name: string;
  isDead = false;
  pausedUntil = -Infinity;
  /** No broker hears of it, and it hears of none, until this virtual time. */
  cutOffUntil = -Infinity;
  /** The next access to its disk fails. */
  hasDiskFailure = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** Thrown where synchronous code is running in a process that has just died; nobody hears of it. */
export class ProcessKilled extends Error {
  override name = 'ProcessKilled';
}
