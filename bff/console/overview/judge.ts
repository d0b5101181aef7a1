/** What is normal, as numbers: what the overview's panels compare with, and say. */
import type { Overview } from '../../contract-ops.ts';
import type { Tone } from '../parts/badges.tsx';

/** The allowed lateness is 5 s; a watermark stays about that far behind the clock. */
export const NORMAL_DELAY_MS = 15_000;
/** Less than what is worked off in a moment. */
export const NORMAL_LAG = 1000;
/** What is always fed, except at night; of the others silence says nothing. */
const STEADY: readonly string[] = ['order-status-changed', 'payment-status-observed'];
export const NORMAL_SILENCE_MS = 60 * 60_000;
/** An alert is looked after by then. */
export const NORMAL_AGE_MS = 60 * 60_000;

type Service = Overview['services'][number];
type Slo = NonNullable<Overview['slo']>;

export function serviceTone({ isUp, lag, watermarkDelayMs, deadLetters }: Service): Tone {
  if (!isUp) return 'bad';
  const isBehind = (watermarkDelayMs ?? 0) > NORMAL_DELAY_MS || (lag ?? 0) > NORMAL_LAG;
  return isBehind || (deadLetters ?? 0) > 0 ? 'warn' : 'good';
}

export function sloTone({ share, objective, budgetLeft }: Slo): Tone {
  if (share === null || budgetLeft === null) return 'plain';
  if (share < objective || budgetLeft <= 0) return 'bad';
  return budgetLeft < 0.25 ? 'warn' : 'good';
}

export function feedTone({ name, lastAt }: Overview['feeds'][number], now: number): Tone {
  if (lastAt !== null && now - lastAt <= NORMAL_SILENCE_MS) return 'good';
  return STEADY.includes(name) ? 'warn' : 'plain';
}

export function openTone(open: Overview['open']): Tone {
  if (open.length === 0) return 'good';
  return open.some(({ ages }) => ages.h24 + ages.older > 0) ? 'bad' : 'warn';
}

const CHARTED = ['RULE_A', 'RULE_B', 'RULE_C'] as const;
export interface AlertSeries {
  /** The buckets' beginnings. */
  readonly at: readonly number[];
  readonly byRule: readonly {
    readonly ruleId: (typeof CHARTED)[number];
    readonly raised: readonly number[];
  }[];
  readonly raised: number;
  readonly resolved: number;
}

/** Every bucket, those without any alert, too. */
export function alertSeries({ from, serverTime, stepMs, alerts }: Overview): AlertSeries {
  const first = Math.min(from - (from % stepMs), ...alerts.map((each) => each.at));
  const buckets = Math.min(2000, Math.floor((serverTime - first) / stepMs) + 1);
  const at = Array.from({ length: Math.max(1, buckets) }, (_, i) => first + i * stepMs);
  const byRule = CHARTED.map((ruleId) => {
    const raised = at.map(() => 0);
    for (const each of alerts) {
      const i = Math.floor((each.at - first) / stepMs);
      if (each.ruleId === ruleId && i in raised) raised[i]! += each.raised;
    }
    return { ruleId, raised };
  });
  return {
    at,
    byRule,
    raised: alerts.reduce((sum, each) => sum + each.raised, 0),
    resolved: alerts.reduce((sum, each) => sum + each.resolved, 0),
  };
}

/** Each on top of those before it: how stacked bars are drawn. */
export function stacked(rows: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const sums: number[][] = [];
  for (const row of rows) sums.push(row.map((value, i) => value + (sums.at(-1)?.[i] ?? 0)));
  return sums;
}
