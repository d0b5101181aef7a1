import type { Random } from '../random.ts';
import type { Input } from './workload.ts';

/** When records are written, compared with when they say they happened. */
export interface Arrivals {
  /** `live`: as things happen. `replay`: everything was written before the start, long ago. */
  readonly mode: 'live' | 'replay';
  /** Event time at which records begin, epoch ms. */
  readonly start: number;
  readonly spanMs: number;
  readonly allowedLatenessMs: number;
  readonly mayBeLate: boolean;
}

/** Together below the allowed lateness: how long after it happened a record is written, and then kept from readers. */
const LONGEST_DELAY_MS = 300;
const LONGEST_OPEN_MS = 250;
const LATE_MS = 3000;
const LONG_AGO_MS = 3_600_000;

export function drawArrivals(random: Random, now: number, spanMs: number): Arrivals {
  const mode = random.chance(0.7) ? 'live' : 'replay';
  return {
    mode,
    start: mode === 'live' ? now : now - LONG_AGO_MS,
    spanMs,
    allowedLatenessMs: LONGEST_DELAY_MS + LONGEST_OPEN_MS + random.pick([50, 500]),
    mayBeLate: mode === 'live' && random.chance(0.2),
  };
}

/** When a record of this event time is written, ms after the start of the run. In a replay that gives the order only. */
export function arrival(eventTime: number, arrivals: Arrivals, random: Random): number {
  const isLate = arrivals.mayBeLate && random.chance(0.1);
  const delay = isLate ? random.int(0, LATE_MS) : random.skewed(0, LONGEST_DELAY_MS);
  return eventTime - arrivals.start + delay;
}

export function writerOf(random: Random): Pick<Input, 'writer' | 'openMs'> {
  if (random.chance(0.8)) return { writer: 'plain', openMs: 0 };
  const openMs = random.int(0, LONGEST_OPEN_MS);
  return { writer: random.chance(0.7) ? 'committed' : 'aborted', openMs };
}
