import { parseInstant } from './instants.ts';
import { UsageError, type Io } from './io.ts';

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly warmUp?: string;
}

/** A range of event time, both ends included. */
export interface EventRange {
  /** Epoch ms; -Infinity: from the first record on. */
  readonly from: number;
  /** Epoch ms; of `latest` the instant of the call. */
  readonly to: number;
  /** How long before it reading begins, ms; undefined: for as long as orders are kept. */
  readonly warmUpMs: number | undefined;
}

/** @throws {UsageError} for one that is empty, is still to come, or can't be read */
export function parseRange({ from = '', to = '', warmUp }: RangeOptions, io: Io): EventRange {
  const now = io.now();
  const range = {
    from: parseInstant('--from', from, { earliest: -Infinity }),
    to: parseInstant('--to', to, { latest: now }),
  };
  if (range.from >= range.to)
    throw new UsageError(`the range is empty: --from ${from} is not before --to ${to}`);
  if (range.to > now)
    throw new UsageError(`--to: "${to}" is in the future; latest is as far as it goes`);
  if (warmUp !== undefined && !/^\d{1,13}$/.test(warmUp))
    throw new UsageError(`--warm-up: "${warmUp}" is no whole number of milliseconds`);
  return { ...range, warmUpMs: warmUp === undefined ? undefined : Number(warmUp) };
}
