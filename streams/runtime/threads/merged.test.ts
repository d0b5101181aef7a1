import { expect, test } from 'vitest';
import type { StreamsState } from '../state.ts';
import type { StreamsStatus } from '../status.ts';
import { mergedHealth, mergedState, mergedStatus } from './merged.ts';

test.each<[StreamsState[], StreamsState]>([
  [['RUNNING', 'RUNNING'], 'RUNNING'],
  [['CREATED', 'CREATED'], 'CREATED'],
  [['RUNNING', 'REBALANCING'], 'REBALANCING'],
  [['CREATED', 'RUNNING'], 'REBALANCING'],
  [['RUNNING', 'PENDING_ERROR'], 'PENDING_ERROR'],
  [['ERROR', 'RUNNING', 'PENDING_ERROR'], 'ERROR'],
])('threads in %j are together %s', (states, together) => {
  expect(mergedState(states)).toBe(together);
});

test('a component is up when it is in every thread; lists are put together', () => {
  const thread = (tasks: string[], isUp: boolean) => ({
    streams: { status: 'UP' as const, details: { state: 'RUNNING', tasks } },
    kafka: isUp
      ? { status: 'UP' as const }
      : { status: 'DOWN' as const, details: { reason: 'away' } },
  });
  expect(mergedHealth('REBALANCING', [thread(['0_0'], true), thread(['0_1'], false)])).toEqual({
    streams: { status: 'UP', details: { state: 'REBALANCING', tasks: ['0_0', '0_1'] } },
    kafka: { status: 'DOWN', details: { reason: 'away' } },
  });
});

test('without threads nothing is up', () => {
  expect(mergedHealth('CREATED', [])).toEqual({
    streams: { status: 'DOWN', details: { state: 'CREATED' } },
  });
});

test('counts add up', () => {
  const status = (over: Partial<StreamsStatus>): StreamsStatus => ({
    ...{ state: 'RUNNING', threads: [], failedThreads: 0, uncaughtErrors: new Map() },
    ...{ tasks: [], standbys: [], restoring: [], failures: [], faults: [] },
    ...over,
  });
  const merged = mergedStatus('RUNNING', [
    status({ failedThreads: 1, uncaughtErrors: new Map([['transient', 2]]) }),
    status({
      failedThreads: 2,
      uncaughtErrors: new Map([['transient', 3]]),
      standbys: [{ task: '0_1', lag: 3, updated: 4 }],
    }),
  ]);
  expect(merged).toEqual(
    status({
      failedThreads: 3,
      uncaughtErrors: new Map([['transient', 5]]),
      standbys: [{ task: '0_1', lag: 3, updated: 4 }],
    }),
  );
});
