import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { bffMetrics } from '../metrics.ts';
import { CLOSE, LiveSockets } from './live-sockets.ts';

const closes: (() => void)[] = [];
afterEach(() => closes.splice(0).forEach((close) => close()));

async function connected(
  options: {
    readonly pingMs?: number;
    readonly isAllowed?: boolean;
    readonly autoPong?: boolean;
  } = {},
) {
  const { isAllowed = true, autoPong = true, pingMs = 60_000 } = options;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wss = new WebSocketServer({ server });
  const sockets = new LiveSockets({ metrics: bffMetrics(), now: () => 1, pingMs });
  const { port } = server.address() as AddressInfo;
  const opened = once(wss, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { autoPong });
  const closed = new Promise<number>((resolve) => client.once('close', resolve));
  client.on('error', () => undefined);
  const [[socket]] = await Promise.all([opened, once(client, 'open')]);
  let left = 0;
  sockets.add(
    socket,
    'order',
    () => Promise.resolve(isAllowed),
    () => {
      left += 1;
    },
  );
  closes.push(() => {
    sockets.close();
    client.terminate();
    server.close();
  });
  return { sockets, socket, client, closed, left: () => left };
}

test('a client that takes nothing is dropped, and not waited for', async () => {
  const { sockets, socket, client, left } = await connected();
  client.pause();
  const message = { type: 'order-status', text: 'x'.repeat(64 * 1024) };
  let sent = 0;
  while (sockets.size > 0 && sent < 10_000) {
    sockets.send(socket, message);
    sent++;
    if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sockets.size).toBe(0);
  // Its system's buffers, ours, and the one message too many.
  expect(sent).toBeLessThan(1000);
  await once(socket, 'close');
  expect(left()).toBe(1);
});

test('who gives no sign of life is dropped', async () => {
  const { closed, left } = await connected({ pingMs: 30, autoPong: false });
  expect(await closed).toBe(1006);
  // This end hears of it later than the other one.
  await expect.poll(left).toBe(1);
});

test('who answers stays, until signed out', async () => {
  const { closed } = await connected({ pingMs: 30, isAllowed: false });
  expect(await closed).toBe(CLOSE.signedOut);
  const { sockets } = await connected({ pingMs: 20 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sockets.size).toBe(1);
});

test('all are told when this instance goes', async () => {
  const { sockets, closed } = await connected();
  sockets.close();
  expect(await closed).toBe(CLOSE.goingAway);
});
