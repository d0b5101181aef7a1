import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { describe as inWords, plainReporter, terminalReporter } from './report.ts';

test('progress in words', () => {
  expect(inWords({ component: 'kafka', state: 'ready', detail: '3.1 s' })).toBe(
    'kafka          ready in 3.1 s',
  );
  expect(inWords({ component: 'kafka', state: 'starting' })).toBe('kafka          starting');
  expect(inWords({ component: 'redis', state: 'died', detail: 'ended with code 1; …' })).toBe(
    'redis          DIED: it ended with code 1; …',
  );
});

test('in a log, a download is worth a line every other second', () => {
  const lines: string[] = [];
  let now = 0;
  const report = plainReporter(
    (line) => lines.push(line),
    () => now,
  );
  for (; now <= 4000; now += 500)
    report({ component: 'kafka', state: 'installing', detail: `${now} kB` });
  report({ component: 'kafka', state: 'starting' });
  expect(lines.map((line) => line.trim().split(/ {2,}/)[1] ?? '')).toEqual([
    '0 kB',
    '2000 kB',
    '4000 kB',
    'starting',
  ]);
});

test('on a terminal, lines are overwritten until all stand still', () => {
  let written = '';
  const stream = Object.assign(new Writable(), {
    isTTY: true,
    columns: 80,
    write: (text: string) => (written += text),
  });
  const report = terminalReporter(stream as unknown as NodeJS.WriteStream);
  report({ component: 'kafka', state: 'starting' });
  report({ component: 'redis', state: 'starting' });
  report({ component: 'kafka', state: 'ready' });
  expect(written.split('\u001b[0J')).toHaveLength(3);
  report({ component: 'redis', state: 'ready' });
  written = '';
  report({ component: 'kafka', state: 'stopping' });
  expect(written).toBe('kafka          stopping\n');
});
