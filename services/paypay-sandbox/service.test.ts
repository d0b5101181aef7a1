import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { authorization, createLogger, readAllSettings } from '#kit';
import { startSandbox } from './service.ts';
import { sandboxVariables } from './settings.ts';
import { codeBody } from './testing/bench.ts';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'paypay-sandbox-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

test('runs with its defaults, counts what it does, and has it all after a restart', async () => {
  const first = await start();
  expect((await create(first.url, 'ORD-1-1')).status).toBe(201);
  expect((await create(first.url, 'ORD-1-1')).status).toBe(400);
  await fetch(`${first.url}/sandbox/payments/ORD-1-1/pay`, { method: 'POST' });
  const metrics = await (await fetch(`${first.url}/actuator/prometheus`)).text();
  for (const line of [
    'paypay_sandbox_codes_created_total 1',
    'paypay_sandbox_payments{state="COMPLETED"} 1',
    'paypay_sandbox_payments{state="CREATED"} 0',
    'paypay_sandbox_api_calls_total{path="create",code="SUCCESS"} 1',
    'paypay_sandbox_api_calls_total{path="create",code="DUPLICATE_DYNAMIC_QR_REQUEST"} 1',
  ]) {
    expect(metrics).toContain(line);
  }
  const before = await payment(first.url);
  await first.close();

  const second = await start();
  expect(await payment(second.url)).toMatchObject({ ...before, webhooks: [{}] });
  expect((await fetch(`${second.url}/actuator/health`)).status).toBe(200);
  await rm(join(stateDir, 'paypay-sandbox', 'journal.jsonl'));
  expect((await fetch(`${second.url}/actuator/health`)).status).toBe(503);
  await second.close();
});

function start() {
  const env = { STATE_DIR: stateDir, HTTP_PORT: '0' };
  const { settings, own } = readAllSettings(sandboxVariables, { env, cwd: stateDir });
  return startSandbox(settings, createLogger({ name: 'test', level: 'silent' }), own);
}

async function payment(url: string): Promise<object> {
  const response = await fetch(`${url}/sandbox/payments/ORD-1-1`);
  return (await response.json()) as object;
}

function create(url: string, merchantPaymentId: string): Promise<Response> {
  const body = JSON.stringify(codeBody(merchantPaymentId));
  const contentType = 'application/json';
  const parts = { method: 'POST', path: '/v2/codes', body, contentType };
  const keys = { apiKey: 'sandbox-key', apiSecret: 'sandbox-secret' };
  const header = authorization(keys, parts, Math.floor(Date.now() / 1_000));
  const headers = { authorization: header, 'content-type': contentType };
  return fetch(`${url}/v2/codes`, { method: 'POST', body, headers });
}
