import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onStop, type StopOptions } from './stop.ts';

const logger = { info: () => undefined, error: () => undefined };
let host: EventEmitter & { exits: number[] };

beforeEach(() => {
  vi.useFakeTimers();
  host = Object.assign(new EventEmitter(), { exits: [] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each(['SIGINT', 'SIGTERM'])('%s stops in order, then exits with 0', async (signal) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  watch(() => promise);
  host.emit(signal);
  await vi.advanceTimersByTimeAsync(999);
  expect(host.exits).toEqual([]);
  resolve(undefined);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(host.exits).toEqual([0]);
});

test('what does not stop within the deadline is left', async () => {
  watch(() => new Promise(() => undefined));
  host.emit('SIGTERM');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(host.exits).toEqual([1]);
});

test('a failure while stopping is seen in the exit code', async () => {
  watch(() => Promise.reject(new Error('stuck')));
  host.emit('SIGTERM');
  await vi.advanceTimersByTimeAsync(0);
  expect(host.exits).toEqual([1]);
});

test('a second signal ends it at once, and does not stop twice; one that a parent hands on is the same', async () => {
  const stop = vi.fn(() => new Promise<void>(() => undefined));
  watch(stop, 5_000);
  host.emit('SIGINT');
  host.emit('SIGINT');
  await vi.advanceTimersByTimeAsync(999);
  host.emit('SIGINT');
  expect(host.exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  host.emit('SIGINT');
  expect(host.exits).toEqual([130]);
  expect(stop).toHaveBeenCalledOnce();
});

function watch(stop: () => Promise<void>, deadlineMs = 1_000): void {
  const exit = (code: number) => void host.exits.push(code);
  const fake = Object.assign(host, { exit }) as unknown as NonNullable<StopOptions['process']>;
  onStop({ stop, deadlineMs, logger, process: fake });
}
