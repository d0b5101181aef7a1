import { Hono } from 'hono';
import { authorization } from '#kit';
import { createApi } from '../api/api.ts';
import { createControl } from '../control.ts';
import type { Entry } from '../domain/events.ts';
import { SandboxState } from '../domain/sandbox-state.ts';
import { createPages } from '../pages/routes.ts';
import { Sandbox, type SandboxOptions } from '../sandbox.ts';
import type { Post } from '../webhook-sender.ts';
import { ManualClock } from './manual-clock.ts';

export const KEYS = { apiKey: 'key', apiSecret: 'secret' };
export const TTL_MS = 300_000;
/** 2024-02-01T12:00:00+09:00 */
export const START_MS = Date.parse('2024-02-01T12:00:00+09:00');

/** A webhook as it arrived. */
export interface Received {
  readonly atMs: number;
  readonly from: string | undefined;
  readonly body: Record<string, unknown>;
}

/** What the API answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly code: string;
  readonly data: Record<string, unknown> | null;
}

/** A sandbox with a clock that is moved by hand, a journal in memory, and somebody who takes its webhooks. */
export class Bench {
  readonly clock: ManualClock;
  readonly entries: Entry[];
  readonly received: Received[] = [];
  readonly sandbox: Sandbox;
  readonly app: Hono;
  /** What is answered to a webhook; may throw. */
  takesWebhook: (post: Post) => number = () => 200;
  /** Thrown when an entry is to be kept. */
  diskFault: Error | undefined;
  readonly problems: string[] = [];

  constructor(entries: Entry[] = [], clock = new ManualClock(START_MS)) {
    this.clock = clock;
    this.entries = entries;
    const state = stateOf(entries);
    let ids = entries.length;
    const logger: SandboxOptions['logger'] & Parameters<typeof createApi>[0]['logger'] = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_: unknown, text?: string) => this.problems.push(text ?? ''),
      error: (_: unknown, text?: string) => this.problems.push(text ?? ''),
    };
    this.sandbox = new Sandbox({
      state,
      journal: {
        append: (entry) => {
          if (this.diskFault) throw this.diskFault;
          this.entries.push(JSON.parse(JSON.stringify(entry)) as Entry);
        },
      },
      clock,
      ids: { codeId: () => `code-${String(++ids)}`, paymentId: () => `9${String(ids)}` },
      codeTtlMs: TTL_MS,
      merchantId: 'shop',
      webhookUrl: 'http://shop.test/webhook',
      post: (post) => {
        const status = this.takesWebhook(post);
        const body = JSON.parse(post.body) as Record<string, unknown>;
        this.received.push({ atMs: clock.now() - START_MS, from: post.localAddress, body });
        return Promise.resolve(status);
      },
      logger,
    });
    this.app = new Hono();
    const publicUrl = () => 'http://sandbox.test';
    this.app.route('/', createApi({ sandbox: this.sandbox, keys: KEYS, clock, publicUrl, logger }));
    this.app.route('/', createControl(this.sandbox));
    this.app.route('/', createPages(this.sandbox));
    this.sandbox.start();
  }

  /** The same after a kill: another process with the same journal, at the same time. */
  restart(): Bench {
    void this.sandbox.close();
    return new Bench([...this.entries], this.clock);
  }

  /** A signed call. */
  async call(method: string, path: string, json?: object): Promise<ApiAnswer> {
    const response = await this.request(method, path, json);
    const { resultInfo, data } = (await response.json()) as {
      resultInfo: { code: string };
      data: Record<string, unknown> | null;
    };
    return { status: response.status, headers: response.headers, code: resultInfo.code, data };
  }

  /** A signed request, as it is answered. */
  request(method: string, path: string, json?: object): Promise<Response> {
    const body = json && JSON.stringify(json);
    const contentType = body && 'application/json';
    const [signedPath = ''] = path.split('?');
    const header = authorization(
      KEYS,
      { method, path: signedPath, body, contentType },
      Math.floor(this.clock.now() / 1_000),
    );
    return Promise.resolve(
      this.app.request(path, {
        method,
        ...(body && { body }),
        headers: { authorization: header, ...(contentType && { 'content-type': contentType }) },
      }),
    );
  }

  create(merchantPaymentId: string, more: object = {}): Promise<ApiAnswer> {
    return this.call('POST', '/v2/codes', { ...codeBody(merchantPaymentId), ...more });
  }

  details(merchantPaymentId: string): Promise<ApiAnswer> {
    return this.call('GET', `/v2/codes/payments/${merchantPaymentId}`);
  }

  /** The states that webhooks claimed, in the order of their arrival. */
  get told(): unknown[] {
    return this.received.map(({ body }) => body['state']);
  }
}

export function codeBody(merchantPaymentId: string) {
  return {
    merchantPaymentId,
    amount: { amount: 1_000, currency: 'JPY' },
    codeType: 'ORDER_QR',
    requestedAt: START_MS / 1_000,
  };
}

export function stateOf(entries: readonly Entry[]): SandboxState {
  const state = new SandboxState();
  for (const entry of entries) state.apply(entry);
  return state;
}
