/** What an instance says of a task that it runs. */
export interface LiveTask {
  /** Epoch ms. */
  readonly watermark: number;
  /** Event-time timers that are set: checks of orders still to come, and when they are forgotten. Null: not known. */
  readonly timers: number | null;
}

const TIMEOUT_MS = 2_000;

/**
 * What instances say of their tasks, by task. Who does not answer is left out: what is committed is known without them.
 *
 * @param services addresses, `http://host:port`
 */
export async function liveTasks(
  services: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly tasks: ReadonlyMap<string, LiveTask>; readonly silent: readonly string[] }> {
  const silent: string[] = [];
  const found = await Promise.all(
    services.map(async (url) => {
      try {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
        const answer = await fetch(`${url}/actuator/prometheus`, { signal: patience });
        if (!answer.ok) throw new Error(answer.statusText);
        return parseTasks(await answer.text());
      } catch {
        silent.push(url);
        return [];
      }
    }),
  );
  return { tasks: new Map(found.flat()), silent };
}

const SAMPLE = /^kafka_streams_task_(watermark_seconds|timers)\{task="([^"]+)"\} (\S+)$/gm;

/** Of metrics in Prometheus's text format. */
export function parseTasks(metrics: string): [task: string, live: LiveTask][] {
  const watermarks = new Map<string, number>();
  const timers = new Map<string, number>();
  for (const [, name, task, value] of metrics.matchAll(SAMPLE))
    (name === 'timers' ? timers : watermarks).set(task!, Number(value));
  return [...watermarks]
    .filter(([, seconds]) => Number.isFinite(seconds))
    .map(([task, seconds]) => [
      task,
      { watermark: Math.round(seconds * 1000), timers: timers.get(task) ?? null },
    ]);
}
