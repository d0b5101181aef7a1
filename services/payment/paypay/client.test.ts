import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashOf, macOf, readAuthorization } from '#kit';
import { PayPayClient, type PayPayOptions } from './client.ts';
import { PayPayRefusal, PayPayUnavailable } from './errors.ts';

type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const keys = { apiKey: 'key', apiSecret: 'secret', merchantId: 'merchant' };
const NOW = 1_743_138_611_000;
const signal = new AbortController().signal;

let handle: Handler;
let asked: string[];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => handle(request, body, response));
});

beforeEach(async () => {
  asked = [];
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => server.closeAllConnections());

function client(more: Partial<PayPayOptions> = {}): PayPayClient {
  const { port } = server.address() as AddressInfo;
  return new PayPayClient({
    baseUrl: `http://127.0.0.1:${port}`,
    keys,
    timeoutMs: 5000,
    retries: 2,
    firstPauseMs: 1,
    failuresToOpen: 100,
    openMs: 60_000,
    now: () => NOW,
    ...more,
  });
}

function say(response: ServerResponse, status: number, code: string, data: unknown = null): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ resultInfo: { code, message: code, codeId: '1' }, data }));
}

const code = {
  codeId: 'c',
  url: 'https://pay.example/c',
  expiryDate: 1_743_138_911,
  merchantPaymentId: 'ORD-1',
};

test('signs exactly what it sends', async () => {
  handle = (request, body, response) => {
    const said = readAuthorization(request.headers.authorization)!;
    const contentType = request.headers['content-type'];
    const parts = { method: 'POST', path: '/v2/codes', body, contentType };
    expect(contentType).toBe('application/json');
    expect(said.hash).toBe(hashOf(parts));
    expect(said.mac).toBe(macOf('secret', parts, said.hash, said.epochSeconds, said.nonce));
    expect(said.epochSeconds).toBe(NOW / 1000);
    expect(request.headers['x-assume-merchant']).toBe('merchant');
    say(response, 201, 'SUCCESS', code);
  };
  const made = await client().createCode({ merchantPaymentId: 'ORD-1', amount: 500 }, signal);
  expect(made).toEqual(code);
});

describe('what is not answered as asked', () => {
  test('is asked again, after 5xx, 429 and broken connections', async () => {
    handle = (_request, _body, response) => {
      if (asked.length === 1) response.destroy();
      else if (asked.length === 2) say(response, 503, 'SERVICE_ERROR');
      else say(response, 200, 'SUCCESS', { ...code, status: 'CREATED', amount: yen(5) });
    };
    const details = await client().details('ORD-1', signal);
    expect(details).toMatchObject({ status: 'CREATED' });
    expect(asked).toHaveLength(3);
  });

  test('is unavailable in the end, with what was said and when to come back', async () => {
    handle = (_request, _body, response) => {
      response.writeHead(429, { 'retry-after': '7' });
      response.end('slow down');
    };
    const failed = client().details('ORD-1', signal);
    await expect(failed).rejects.toThrow(/429: slow down/);
    await expect(failed).rejects.toMatchObject({ retryAfterMs: 7000 });
    expect(asked).toHaveLength(3);
  });

  test('is unavailable after the time-out', async () => {
    handle = () => undefined;
    const failed = client({ timeoutMs: 20, retries: 0 }).details('ORD-1', signal);
    await expect(failed).rejects.toThrow(PayPayUnavailable);
  });

  test('is unavailable when it is no answer of the provider', async () => {
    handle = (_request, _body, response) => response.end('<html>welcome to the hotel</html>');
    const failed = client({ retries: 0 }).details('ORD-1', signal);
    await expect(failed).rejects.toThrow(/hotel/);
  });

  test('is not asked for a while after too many failures', async () => {
    handle = (_request, _body, response) => say(response, 500, 'INTERNAL_SERVER_ERROR');
    const calls: string[] = [];
    const paypay = client({
      failuresToOpen: 3,
      onCall: (call, outcome) => calls.push(`${call} ${outcome}`),
    });
    await expect(paypay.details('ORD-1', signal)).rejects.toThrow(/500/);
    expect(paypay.isClosed).toBe(false);
    const failed = paypay.details('ORD-1', signal);
    await expect(failed).rejects.toThrow(/not asked for a while/);
    await expect(failed).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(asked).toHaveLength(3);
    expect(calls).toEqual(Array.from({ length: 3 }, () => 'details unavailable'));
  });
});

test('a refusal is final, and has the provider’s word', async () => {
  handle = (_request, _body, response) => say(response, 400, 'DYNAMIC_QR_ALREADY_PAID');
  const failed = client().deleteCode('c/../d', signal);
  await expect(failed).rejects.toThrow(PayPayRefusal);
  await expect(failed).rejects.toMatchObject({ code: 'DYNAMIC_QR_ALREADY_PAID', status: 400 });
  expect(asked).toEqual(['DELETE /v2/codes/c%2F..%2Fd']);
});

test('a payment that is not found is none', async () => {
  handle = (_request, _body, response) => say(response, 400, 'DYNAMIC_QR_PAYMENT_NOT_FOUND');
  expect(await client().details('ORD-1', signal)).toBeUndefined();
});

function yen(amount: number) {
  return { amount, currency: 'JPY' };
}
