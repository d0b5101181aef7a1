import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** How long to go on; default 60 s. `Infinity`: for as long as the process runs. */
  readonly timeoutMs?: number;
  /** Ends the waiting; the last error is thrown. */
  readonly signal?: AbortSignal;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Tries until it works, with growing pauses and a line for every new reason why it does not.
 *
 * @param what    what is waited for, e.g. `the broker`
 * @param isFinal whether an error is an answer that trying again does not change
 */
export async function patiently<T>(
  what: string,
  report: (line: string) => void,
  { timeoutMs = 60_000, signal, now = Date.now, sleep = pause }: Patience,
  isFinal: (error: unknown) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = now() + timeoutMs;
  let reported = '';
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      const reason = (error as Error).message;
      if (isFinal(error) || signal?.aborted || now() + pauseMs > deadline) throw error;
      if (reason !== reported) report(`waiting for ${what}: ${reason}`);
      reported = reason;
      await sleep(pauseMs, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  // Woken by the signal it returns like after the pause; the next failure then ends the waiting.
  await delay(ms, undefined, signal && { signal }).catch(() => undefined);
}
