import { randomInt, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import {
  createActuator,
  listen,
  type Components,
  type Logger,
  type RunningService,
  type Settings,
} from '#kit';
import { createApi } from './api/api.ts';
import { systemClock } from './clock.ts';
import { createControl } from './control.ts';
import { SandboxState } from './domain/sandbox-state.ts';
import { Journal } from './journal.ts';
import { registerSandboxMetrics } from './metrics.ts';
import { createPages } from './pages/routes.ts';
import { Sandbox } from './sandbox.ts';
import type { SandboxSettings } from './settings.ts';
import { postOnce } from './webhook-sender.ts';

/**
 * Starts the sandbox: reads its journal, listens, and goes on with what was left undone.
 *
 * @throws when the journal can't be read (naming the line), or the HTTP port can't be had
 */
export async function startSandbox(
  { stateDir, httpHost, httpPort }: Pick<Settings, 'stateDir' | 'httpHost' | 'httpPort'>,
  logger: Logger,
  own: SandboxSettings,
): Promise<RunningService & { readonly url: string }> {
  const state = new SandboxState();
  const path = join(stateDir, 'paypay-sandbox', 'journal.jsonl');
  const journal = Journal.open(path, (entry) => state.apply(entry), logger);

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = registerSandboxMetrics(registry, () => state.payments);
  const sandbox = new Sandbox({
    state,
    journal,
    clock: systemClock,
    ids: { codeId: () => `04-${randomUUID().replaceAll('-', '').slice(0, 16)}`, paymentId },
    codeTtlMs: own.PAYPAY_SANDBOX_CODE_TTL_MS,
    merchantId: own.PAYPAY_MERCHANT_ID,
    webhookUrl: own.PAYPAY_WEBHOOK_URL,
    post: postOnce(),
    logger,
    onEntry: metrics.onEntry,
  });

  const app = createActuator({
    health: (): Components => {
      const fault = journal.check();
      return { journal: { status: fault ? 'DOWN' : 'UP', details: fault ?? { path } } };
    },
    info: { name: 'paypay-sandbox', node: process.version },
    registry,
  });
  let publicUrl = '';
  const api = createApi({
    sandbox,
    keys: { apiKey: own.PAYPAY_API_KEY, apiSecret: own.PAYPAY_API_SECRET },
    clock: systemClock,
    publicUrl: () => publicUrl,
    logger,
    onCall: metrics.onCall,
  });
  for (const routes of [api, createControl(sandbox), createPages(sandbox)]) app.route('/', routes);

  const server = await listen(app, { host: httpHost, port: httpPort }).catch((error: unknown) => {
    journal.close();
    throw error;
  });
  publicUrl = (own.PAYPAY_SANDBOX_PUBLIC_URL ?? `http://${server.address}`).replace(/\/+$/, '');
  sandbox.start();
  logger.info({ url: server.url, payments: state.payments.length, path }, 'PayPay sandbox');
  return {
    url: server.url,
    // Nothing ends it by itself: what can't be kept is refused, and said in its health.
    failed: new Promise(() => undefined),
    close: async () => {
      await server.close();
      await sandbox.close();
      journal.close();
    },
  };
}

/** Twenty digits, as PayPay's. */
function paymentId(): string {
  const part = (): string => String(randomInt(0, 1_000_000_000)).padStart(9, '0');
  return `04${part()}${part()}`;
}
