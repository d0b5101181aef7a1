import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';

/** Time as the runtime sees it; handed in, so that a simulation can own it. */
export interface Clock {
  /** Wall clock, epoch ms. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets everything else that is ready run first: answers, heartbeats. */
  nextTurn(): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal && { signal });
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
  },
  nextTurn: () => immediate(),
};
