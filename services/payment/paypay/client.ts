import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import type { z } from 'zod';
import { authorization, type PayPayKeys } from '#kit';
import {
  createdCode,
  paymentDetails,
  refundDetails,
  resultInfo,
  type CreatedCode,
  type PaymentDetails,
} from './answers.ts';
import { PayPayRefusal, PayPayUnavailable } from './errors.ts';

export interface PayPayOptions {
  readonly baseUrl: string;
  readonly keys: PayPayKeys;
  /** One attempt may take this long, ms. */
  readonly timeoutMs: number;
  /** Attempts beyond the first, each after a longer pause with some chance in it. */
  readonly retries: number;
  readonly firstPauseMs: number;
  /** So many failures in a row open the circuit: for a while nothing is asked. */
  readonly failuresToOpen: number;
  readonly openMs: number;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
  /** Told of each attempt; `outcome` is the provider's word, or `unavailable`. */
  readonly onCall?: (call: PayPayCall, outcome: string, ms: number) => void;
}

export type PayPayCall = 'create' | 'details' | 'delete' | 'cancel' | 'refund';

interface Request {
  readonly call: PayPayCall;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

const JSON_TYPE = 'application/json';

/**
 * PayPay's Open Payment API, as far as it is used: codes, payments, refunds.
 *
 * Each call is tried again, with pauses, when there is no answer, a 5xx or a 429; a circuit breaker keeps a provider that is
 * down from being asked all the time. All calls bear being repeated: they name what they are about by ids of ours.
 *
 * @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode
 */
export class PayPayClient {
  readonly #options: PayPayOptions;
  readonly #breaker;
  readonly #policy;

  constructor(options: PayPayOptions) {
    this.#options = options;
    const isUnavailable = handleWhen((error) => error instanceof PayPayUnavailable);
    this.#breaker = circuitBreaker(isUnavailable, {
      halfOpenAfter: options.openMs,
      breaker: new ConsecutiveBreaker(options.failuresToOpen),
    });
    const again = retry(isUnavailable, {
      maxAttempts: options.retries,
      backoff: new ExponentialBackoff({
        initialDelay: options.firstPauseMs,
        maxDelay: Math.max(options.firstPauseMs, 10 * options.firstPauseMs),
      }),
    });
    this.#policy = wrap(again, this.#breaker);
  }

  /** Whether the provider is taken to be there. */
  get isClosed(): boolean {
    return this.#breaker.state === CircuitState.Closed;
  }

  /**
   * @param amount yen
   * @throws {PayPayRefusal} `DUPLICATE_DYNAMIC_QR_REQUEST` when it was asked for before
   * @throws {PayPayUnavailable}
   */
  createCode(
    { merchantPaymentId, amount }: { merchantPaymentId: string; amount: number },
    signal: AbortSignal,
  ): Promise<CreatedCode> {
    const body = {
      merchantPaymentId,
      amount: { amount, currency: 'JPY' },
      codeType: 'ORDER_QR',
      requestedAt: Math.floor(this.#options.now() / 1000),
    };
    const request: Request = { call: 'create', method: 'POST', path: '/v2/codes', body };
    return this.#ask(request, createdCode, signal);
  }

  /** @returns undefined when there is no such payment */
  async details(
    merchantPaymentId: string,
    signal: AbortSignal,
  ): Promise<PaymentDetails | undefined> {
    const path = `/v2/codes/payments/${encodeURIComponent(merchantPaymentId)}`;
    try {
      return await this.#ask({ call: 'details', method: 'GET', path }, paymentDetails, signal);
    } catch (error) {
      // "Not found" is a 400 at the provider.
      if (error instanceof PayPayRefusal && error.code.endsWith('NOT_FOUND')) return undefined;
      throw error;
    }
  }

  /** Closes a code: nobody can pay with it any more. @throws {PayPayRefusal} `DYNAMIC_QR_ALREADY_PAID` */
  async deleteCode(codeId: string, signal: AbortSignal): Promise<void> {
    const path = `/v2/codes/${encodeURIComponent(codeId)}`;
    await this.#ask({ call: 'delete', method: 'DELETE', path }, undefined, signal);
  }

  /** Takes a payment back, or whatever is paid yet. */
  async cancelPayment(merchantPaymentId: string, signal: AbortSignal): Promise<void> {
    const path = `/v2/payments/${encodeURIComponent(merchantPaymentId)}`;
    await this.#ask({ call: 'cancel', method: 'DELETE', path }, undefined, signal);
  }

  /** @param amount yen */
  async refund(
    {
      merchantRefundId,
      paymentId,
      amount,
      reason,
    }: { merchantRefundId: string; paymentId: string; amount: number; reason: string },
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      merchantRefundId,
      paymentId,
      amount: { amount, currency: 'JPY' },
      requestedAt: Math.floor(this.#options.now() / 1000),
      reason,
    };
    const request: Request = { call: 'refund', method: 'POST', path: '/v2/refunds', body };
    await this.#ask(request, refundDetails, signal);
  }

  async #ask<T>(
    request: Request,
    answer: z.ZodType<T> | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await this.#policy.execute(() => this.#attempt(request, answer, signal), signal);
    } catch (error) {
      if (error instanceof BrokenCircuitError)
        throw new PayPayUnavailable('PayPay is not asked for a while, having failed too often', {
          cause: error,
          retryAfterMs: this.#options.openMs,
        });
      throw error;
    }
  }

  async #attempt<T>(
    request: Request,
    answer: z.ZodType<T> | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const { now, onCall } = this.#options;
    const startedAt = now();
    const told = (outcome: string) => onCall?.(request.call, outcome, now() - startedAt);
    try {
      const value = await this.#send(request, answer, signal);
      told('SUCCESS');
      return value;
    } catch (error) {
      told(error instanceof PayPayRefusal ? error.code : 'unavailable');
      throw error;
    }
  }

  async #send<T>(
    { call, method, path, body }: Request,
    answer: z.ZodType<T> | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const { baseUrl, keys, timeoutMs, now } = this.#options;
    const content = body && JSON.stringify(body);
    const contentType = body && JSON_TYPE;
    const parts = { method, path, body: content, contentType };
    const what = `${method} ${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, baseUrl), {
        method,
        headers: {
          authorization: authorization(keys, parts, Math.floor(now() / 1000)),
          'x-assume-merchant': keys.merchantId,
          ...(contentType && { 'content-type': contentType }),
        },
        ...(content && { body: content }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      text = await response.text();
    } catch (error) {
      throw new PayPayUnavailable(`no answer from PayPay to ${what}: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    const said = parsed(text);
    const info = resultInfo.safeParse(said?.['resultInfo']);
    const isBusy = response.status === 429 || response.status >= 500;
    if (isBusy || !info.success) {
      const retryAfter = Number(response.headers.get('retry-after'));
      throw new PayPayUnavailable(
        `PayPay answered ${what} with ${response.status}: ${text.slice(0, 200)}`,
        retryAfter > 0 ? { retryAfterMs: 1000 * retryAfter } : {},
      );
    }
    if (!response.ok) {
      const { code, message } = info.data;
      throw new PayPayRefusal(call, response.status, code, message);
    }
    if (!answer) return undefined as T;
    const data = answer.safeParse(said?.['data']);
    if (data.success) return data.data;
    throw new PayPayUnavailable(
      `PayPay's answer to ${what} can't be read: ${data.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
    );
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // Not the provider's answer: the status says what there is.
  }
}

/** fetch's own message is "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
