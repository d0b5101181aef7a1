import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { firstStopSignal } from './stop-signals.ts';

test('one key press may come as two signals; a later one is impatience', async () => {
  const host = new EventEmitter();
  let now = 5000;
  let impatient = 0;
  const first = firstStopSignal(
    () => impatient++,
    host as unknown as NodeJS.Process,
    () => now,
  );
  host.emit('SIGINT');
  now += 30;
  host.emit('SIGINT');
  expect(await first).toBe('SIGINT');
  expect(impatient).toBe(0);
  now += 3000;
  host.emit('SIGTERM');
  expect(impatient).toBe(1);
});
