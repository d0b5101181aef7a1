import type { UncaughtErrorAction } from '#streams';
import type { Random } from './random.ts';

/** What kind of run a seed makes: each has some kinds of faults and not others, so that no kind hides another. */
export interface Profile {
  readonly brokers: number;
  readonly partitions: number;
  readonly instances: number;
  /** Virtual ms in which faults happen and records are written. */
  readonly faultsMs: number;
  /** Chance that a request or its answer is lost. */
  readonly loss: number;
  /** Chance that a request or an answer takes long. */
  readonly slow: number;
  readonly slowMs: number;
  /** Chance of something happening at each point where a process is in the hands of others. */
  readonly strike: number;
  /** How often each thing may happen. */
  readonly budget: Readonly<Record<Action, number>>;
  readonly crowded: number;
  readonly fetchLimit: number;
  readonly markerMs: number;
  readonly openMs: number;
  /** Whether reading a record may need something that has to be loaded first. */
  readonly hasSchemas: boolean;
  /** Chance that a schema can't be loaded. */
  readonly registryAway: number;
  /** When the last topic is made. */
  readonly topicsMs: number;
  readonly initialDelayMs: number;
  /** A producer id lasts for this many epochs. */
  readonly lastEpoch: number;
  /** What is done when the disk fails. */
  readonly onFault: UncaughtErrorAction;
  readonly streams: {
    readonly commitIntervalMs: number;
    readonly cacheSize: number;
    readonly bufferedRecords: number;
    readonly sessionTimeoutMs: number;
    readonly rebalanceTimeoutMs: number;
    readonly transactionTimeoutMs: number;
    readonly fetchMaxWaitMs: number;
  };
}

export const ACTIONS = [
  'kill',
  'kill-disk-lost',
  'kill-disk-behind',
  'kill-disk-foreign',
  'disk-failure',
  'fence',
  'pause',
  'cut-off',
  'join',
  'leave',
  'move-leader',
  'move-coordinator',
  'broker-away',
  'compact',
] as const;

export type Action = (typeof ACTIONS)[number];

export function drawProfile(random: Random): Profile {
  const budget = Object.fromEntries(
    ACTIONS.map((action) => [action, random.chance(0.35) ? random.int(1, 3) : 0]),
  ) as Record<Action, number>;
  return {
    brokers: random.pick([1, 2, 3, 3]),
    partitions: random.pick([1, 2, 2, 3, 4]),
    instances: random.pick([1, 1, 2, 2, 3]),
    faultsMs: random.int(2000, 5000),
    loss: random.pick([0, 0, 0.003, 0.01, 0.04]),
    slow: random.pick([0, 0.005, 0.02, 0.1]),
    slowMs: random.pick([50, 400, 3000]),
    strike: random.pick([0.003, 0.01, 0.03]),
    budget,
    crowded: random.pick([0, 0, 0.1, 0.4]),
    fetchLimit: random.pick([2, 10, 500]),
    markerMs: random.pick([2, 20, 200]),
    openMs: random.pick([1, 20, 500]),
    hasSchemas: random.chance(0.3),
    registryAway: random.pick([0, 0.2, 0.8]),
    topicsMs: random.pick([0, 0, 0, 800]),
    initialDelayMs: random.pick([0, 100, 500]),
    lastEpoch: random.pick([3, 1000]),
    onFault: random.pick([
      'restart-task',
      'replace-thread',
      'shutdown-client',
      'shutdown-application',
    ] as const),
    streams: {
      commitIntervalMs: random.pick([10, 50, 100]),
      cacheSize: random.pick([1, 5, 20_000]),
      bufferedRecords: random.pick([1, 10, 10_000]),
      sessionTimeoutMs: random.pick([1000, 2000, 4000]),
      rebalanceTimeoutMs: random.pick([1500, 3000, 6000]),
      transactionTimeoutMs: random.pick([1000, 2000, 5000]),
      fetchMaxWaitMs: random.pick([50, 100, 300]),
    },
  };
}
