/** Reads what services say of themselves at `/actuator/prometheus`. */
import type { Overview } from '../contract-ops.ts';
import type { ServiceAddress } from '../settings.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

type ServiceState = Overview['services'][number];

const TIMEOUT_MS = 1500;
/** Of all payments so many are to be confirmed in time. */
const OBJECTIVE = 0.99;

/** The text format of Prometheus, as far as it is needed here: samples with their labels. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line): Sample[] => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      { name, labels: Object.fromEntries(pairs.map((p) => [p[1]!, p[2]!])), value: Number(value) },
    ];
  });
}

/** How a service with a topology is, by its metrics. */
export function serviceStateOf(name: string, samples: readonly Sample[]): ServiceState {
  const of = (metric: string) => samples.filter((s) => s.name === `kafka_streams_task_${metric}`);
  const sum = (metric: string): number | null => {
    const found = of(metric);
    return found.length === 0 ? null : found.reduce((total, { value }) => total + value, 0);
  };
  const delays = of('watermark_delay_seconds').filter(({ value }) => Number.isFinite(value));
  const worst = delays.toSorted((a, b) => b.value - a.value)[0];
  const names = [...new Set([...of('watermark_seconds'), ...delays].map((s) => s.labels['task']!))];
  const delayOf = (task: string): number | null => {
    const delay = delays.find((s) => s.labels['task'] === task);
    return delay ? Math.round(delay.value * 1000) : null;
  };
  return {
    name,
    isUp: true,
    problem: null,
    lag: sum('records_lag'),
    watermarkDelayMs: worst ? Math.round(worst.value * 1000) : null,
    heldBackBy: worst?.labels['held_back_by'] ?? null,
    tasks: names
      .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((task) => {
        const lags = of('records_lag').filter((s) => s.labels['task'] === task);
        const lag = lags.length === 0 ? null : lags.reduce((total, s) => total + s.value, 0);
        return { task, lag, watermarkDelayMs: delayOf(task) };
      }),
    processed: sum('process_total'),
    deadLetters: sum('dead_letter_records_total') ?? 0,
  };
}

/** The 60-second objective, by the metrics of the service that measures it. */
export function sloOf(samples: readonly Sample[]): NonNullable<Overview['slo']> {
  const of = (name: string): number => samples.find((each) => each.name === name)?.value ?? 0;
  const within = of('payment_confirmations_within_objective_total');
  const missed = of('payment_confirmations_missed_objective_total');
  const all = within + missed;
  const share = all === 0 ? null : within / all;
  const budgetLeft = share === null ? null : 1 - (1 - share) / (1 - OBJECTIVE);
  return { objective: OBJECTIVE, within, missed, share, budgetLeft };
}

export interface ServiceMetrics {
  services(): Promise<ServiceState[]>;
  slo(): Promise<Overview['slo']>;
}

export function serviceMetrics(
  services: readonly ServiceAddress[],
  sloUrl: string,
): ServiceMetrics {
  return {
    services: () =>
      Promise.all(
        services.map(async ({ name, url }) => {
          try {
            return serviceStateOf(name, await scrape(url));
          } catch (error) {
            return { ...serviceStateOf(name, []), isUp: false, problem: (error as Error).message };
          }
        }),
      ),
    slo: () => scrape(sloUrl).then(sloOf, () => null),
  };
}

async function scrape(url: string): Promise<Sample[]> {
  const answer = await fetch(new URL('/actuator/prometheus', url), {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`answers with ${answer.status}`);
  return parseMetrics(await answer.text());
}
