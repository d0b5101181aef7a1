import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from './testing/manual-clock.ts';
import {
  FORGED_ADDRESS,
  postOnce,
  RETRY_MS,
  sendWebhook,
  type PostOnce,
} from './webhook-sender.ts';

interface Got {
  readonly from: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

let url: string;
let got: Got[];
let respond: (response: ServerResponse, number: number) => void;
const stop = new AbortController();
const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const { remoteAddress } = request.socket;
    got.push({ from: remoteAddress, type: request.headers['content-type'], body });
    respond(response, got.length);
  });
});

beforeEach(async () => {
  got = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/webhook`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('posts exactly the body, as JSON, from the usual address', async () => {
  respond = answer(204);
  const status = await postOnce()({ url, body: '{"state": "完了"}', signal: stop.signal });
  expect(status).toBe(204);
  expect(got).toEqual([{ from: '127.0.0.1', type: 'application/json', body: '{"state": "完了"}' }]);
});

// Elsewhere such an address has to be added to the loopback interface first.
test.runIf(process.platform === 'linux')('can come from another address', async () => {
  respond = answer(200);
  await postOnce()({ url, body: '{}', localAddress: FORGED_ADDRESS, signal: stop.signal });
  expect(got[0]?.from).toBe(FORGED_ADDRESS);
});

test('waits for an answer for so long', async () => {
  respond = () => undefined;
  const posted = postOnce(20)({ url, body: '{}', signal: stop.signal });
  await expect(posted).rejects.toThrow('no answer within 20 ms');
});

test('nobody there is an error', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const posted = postOnce()({
    url: `http://127.0.0.1:${String(port)}`,
    body: '{}',
    signal: stop.signal,
  });
  await expect(posted).rejects.toThrow('ECONNREFUSED');
});

test('tries again what is not taken, up to three times, one soon after the other', async () => {
  const clock = new ManualClock(0);
  const results = [503, new Error('ECONNRESET'), 200];
  const once: PostOnce = () => {
    const result = results.shift();
    return typeof result === 'number' ? Promise.resolve(result) : Promise.reject(result!);
  };
  const sending = sendWebhook({ url, body: '{}', signal: stop.signal }, once, clock);
  await clock.advance(10 * RETRY_MS);
  expect(await sending).toEqual({
    delivered: true,
    tries: [
      { atMs: 0, result: '503' },
      { atMs: RETRY_MS, result: 'ECONNRESET' },
      { atMs: 2 * RETRY_MS, result: '200' },
    ],
  });
});

test('then it is lost', async () => {
  const clock = new ManualClock(0);
  respond = answer(302);
  const sending = sendWebhook(
    { url, body: '{}', signal: stop.signal },
    () => Promise.resolve(302),
    clock,
  );
  await clock.advance(10 * RETRY_MS);
  const { delivered, tries } = await sending;
  expect(delivered).toBe(false);
  expect(tries.map(({ result }) => result)).toEqual(['302', '302', '302']);
});

test('a stop ends the tries', async () => {
  const clock = new ManualClock(0);
  const stopping = new AbortController();
  const sending = sendWebhook(
    { url, body: '{}', signal: stopping.signal },
    () => Promise.resolve(500),
    clock,
  );
  await clock.advance(0);
  stopping.abort();
  expect(await sending).toEqual({ delivered: false, tries: [{ atMs: 0, result: '500' }] });
  expect(clock.waiting).toBe(0);
});

function answer(status: number) {
  return (response: ServerResponse) => void response.writeHead(status).end('ok');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
