import { expect, test } from 'vitest';
import { mayMove, STATE_MOVES, type StreamsState } from './state.ts';

const states = Object.keys(STATE_MOVES) as StreamsState[];

function reachable(from: StreamsState): Set<StreamsState> {
  const found = new Set<StreamsState>();
  const visit = (state: StreamsState) => {
    for (const next of states) {
      if (!mayMove(state, next) || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(from);
  return found;
}

test('an application starts, runs and rebalances', () => {
  const path = ['CREATED', 'REBALANCING', 'RUNNING', 'REBALANCING', 'RUNNING'] as const;
  path.slice(1).forEach((state, i) => expect(mayMove(path[i]!, state)).toBe(true));
  expect(mayMove('CREATED', 'RUNNING')).toBe(false);
});

test('a rebalance may begin anew before it has ended', () => {
  expect(mayMove('REBALANCING', 'REBALANCING')).toBe(true);
  expect(mayMove('RUNNING', 'RUNNING')).toBe(false);
});

test.each(['PENDING_SHUTDOWN', 'NOT_RUNNING', 'PENDING_ERROR', 'ERROR'] as const)(
  'from %s nothing runs again',
  (state) => {
    expect(reachable(state)).not.toContain('REBALANCING');
    expect(reachable(state)).not.toContain('RUNNING');
  },
);

test('NOT_RUNNING is the end', () => {
  expect([...reachable('NOT_RUNNING')]).toEqual([]);
});

test.each(states.filter((state) => state !== 'NOT_RUNNING'))('from %s one can close', (state) => {
  expect(reachable(state)).toContain('NOT_RUNNING');
});

test.each(states.filter((state) => state !== 'NOT_RUNNING'))(
  'an error is told, whatever the application was at (%s)',
  (state) => {
    expect(state === 'ERROR' || reachable(state).has('ERROR')).toBe(true);
  },
);

test('neither an error nor the end comes without the state before it', () => {
  expect(states.filter((state) => mayMove(state, 'ERROR'))).toEqual(['PENDING_ERROR']);
  expect(states.filter((state) => mayMove(state, 'NOT_RUNNING'))).toEqual(['PENDING_SHUTDOWN']);
});
