import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, giveBack, isFree, preferredPort } from './ports.ts';

test('a port that somebody listens on is not free', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isFree(port)).toBe(false);
  expect(await preferredPort(port)).toBeGreaterThan(port);
  server.close();
  await once(server, 'close');
  expect(await isFree(port)).toBe(true);
});

test('no port is handed out twice until it is given back', async () => {
  const preferred = await freePort();
  const next = await preferredPort(preferred);
  expect(next).toBeGreaterThan(preferred);
  giveBack([preferred]);
  expect(await preferredPort(preferred)).toBe(preferred);
  giveBack([preferred, next]);
});
