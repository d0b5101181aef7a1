/** Time, and what is to happen at some. Tests have one that is moved by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `action` at an instant, or soon when that has passed. Returns how to call it off. */
  schedule(atMs: number, action: () => void): () => void;
}

/** The longest that Node's timers wait. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(atMs, action) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const leftMs = atMs - Date.now();
      if (leftMs <= MAX_TIMEOUT_MS) timer = setTimeout(action, Math.max(leftMs, 0));
      else timer = setTimeout(wait, MAX_TIMEOUT_MS);
    };
    wait();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Resolves after so many milliseconds of the clock; at once when `signal` is aborted. */
export function waitMs(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  if (signal?.aborted) return Promise.resolve();
  const callOff = clock.schedule(clock.now() + ms, () => {
    signal?.removeEventListener('abort', stop);
    resolve(undefined);
  });
  const stop = (): void => {
    callOff();
    resolve(undefined);
  };
  signal?.addEventListener('abort', stop, { once: true });
  return promise;
}
