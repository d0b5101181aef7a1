/** A second Ctrl-C counts only after this: npm passes the terminal's on, so one key press is two signals. */
const SAME_PRESS_MS = 1000;

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP. A later one, of a person who has had enough, calls
 * `onImpatience`.
 */
export function firstStopSignal(
  onImpatience: () => void,
  host: Pick<NodeJS.Process, 'on'> = process,
  now: () => number = Date.now,
): Promise<NodeJS.Signals> {
  let firstAt: number | undefined;
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      host.on(signal, () => {
        if (firstAt === undefined) {
          firstAt = now();
          resolve(signal);
        } else if (now() - firstAt > SAME_PRESS_MS) {
          onImpatience();
        }
      });
    }
  });
}
