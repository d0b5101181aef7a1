import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { main } from './main.ts';
import { fakeIo } from './testing/fake-io.ts';

async function run(args: string[], env: Record<string, string> = {}) {
  const io = fakeIo({ env });
  const code = await main(['topology', ...args], io);
  return { code, ...io.written };
}

test('kafka-alert is the one that is meant, under the names that the settings give', async () => {
  const { code, out, err } = await run([], { ORDER_TOPIC: 'orders' });
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Topology: kafka-alert\n {2}Sub-topology: 0\n/);
  expect(out).toContain('(topic: orders)');
  expect(out).toContain('Processor: watch-order (store: order-timelines, timers)');
});

test('every topology of the project is known by its name', async () => {
  const folder = new URL('../../../topology/', import.meta.url);
  for (const name of readdirSync(folder)) {
    const { code, out } = await run([name]);
    expect([code, out.split('\n')[0]]).toEqual([0, `Topology: ${name}`]);
  }
});

test('--mermaid draws it', async () => {
  const { code, out } = await run(['storage', '--mermaid']);
  expect(code).toBe(0);
  expect(out).toMatch(/^flowchart LR\n/);
  expect(out).toContain('>"storage-commands"]');
});

test('an unknown name is wrong use, and the known ones are listed', async () => {
  const { code, out, err } = await run(['orders']);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('Allowed choices are kafka-alert, order-saga, payment-slo, storage');
});
