import type { UncaughtErrorKind } from '../error-policy.ts';
import type { ComponentHealth } from '../kafka-streams.ts';
import type { StreamsState } from '../state.ts';
import type { StreamsStatus } from '../status.ts';

/** The state of all threads together: running when all are. */
export function mergedState(states: readonly StreamsState[]): StreamsState {
  const [first] = states;
  if (states.some((state) => state === 'ERROR')) return 'ERROR';
  if (states.some((state) => state === 'PENDING_ERROR')) return 'PENDING_ERROR';
  if (first !== undefined && states.every((state) => state === first)) return first;
  return 'REBALANCING';
}

/** A component is up when it is in every thread; the details of `streams` are lists and counts, which are put together. */
export function mergedHealth(
  state: StreamsState,
  threads: readonly Readonly<Record<string, ComponentHealth>>[],
): Record<string, ComponentHealth> {
  const merged: Record<string, ComponentHealth> = {};
  for (const name of new Set(threads.flatMap((thread) => Object.keys(thread)))) {
    const parts = threads.flatMap((thread) => thread[name] ?? []);
    const status = parts.every((part) => part.status === 'UP') ? 'UP' : 'DOWN';
    const details: Record<string, unknown> = {};
    for (const [key, value] of parts.flatMap((part) => Object.entries(part.details ?? {}))) {
      const known = details[key];
      details[key] = Array.isArray(known) ? [...(known as unknown[]), value].flat() : value;
    }
    const isPlain = Object.keys(details).length === 0;
    merged[name] = isPlain ? { status } : { status, details };
  }
  const { status = 'DOWN', details } = merged['streams'] ?? {};
  return { ...merged, streams: { status, details: { ...details, state } } };
}

export function mergedStatus(
  state: StreamsState,
  threads: readonly StreamsStatus[],
): StreamsStatus {
  const uncaughtErrors = new Map<UncaughtErrorKind, number>();
  for (const [kind, count] of threads.flatMap((thread) => [...thread.uncaughtErrors]))
    uncaughtErrors.set(kind, (uncaughtErrors.get(kind) ?? 0) + count);
  return {
    state,
    threads: threads.flatMap((thread) => thread.threads),
    failedThreads: threads.reduce((sum, thread) => sum + thread.failedThreads, 0),
    uncaughtErrors,
    tasks: threads.flatMap((thread) => thread.tasks),
    standbys: threads.flatMap((thread) => thread.standbys),
    restoring: threads.flatMap((thread) => thread.restoring),
    failures: threads.flatMap((thread) => thread.failures),
    faults: threads.flatMap((thread) => thread.faults),
  };
}
