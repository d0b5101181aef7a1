import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import type { Logger, PayPayKeys } from '#kit';
import { waitMs, type Clock } from '../clock.ts';
import type { ApiFault, Call } from '../domain/faults.ts';
import { Refused } from '../domain/refused.ts';
import type { Sandbox } from '../sandbox.ts';
import { InvalidParams, readCodeRequest, readJson, readRefundRequest } from './requests.ts';
import * as results from './results.ts';
import type { Result } from './results.ts';
import { whatIsWrongWith } from './signature-check.ts';
import { codeView, paymentView, refundView } from './views.ts';

export interface ApiOptions {
  readonly sandbox: Sandbox;
  readonly keys: Pick<PayPayKeys, 'apiKey' | 'apiSecret'>;
  readonly clock: Clock;
  /** Where a browser reaches the sandbox, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly logger: Pick<Logger, 'debug' | 'error'>;
  /** Is told of every call. */
  readonly onCall?: (call: Call, code: string) => void;
}

/** A call that is understood, but not carried out yet. */
interface Prepared {
  readonly name: Call;
  /** The payment that it is about, as far as that is known: it says which faults hit it. */
  readonly about: string | undefined;
  run(): Answer;
}

interface Answer {
  readonly result: Result;
  readonly data?: object;
}

/** A 429 says when to come back. */
const RETRY_AFTER_S = '1';

/**
 * PayPay's Open Payment API, as far as the shop uses it: every call is signed, and every answer is
 * `{resultInfo: {code, message, codeId}, data}`.
 *
 * @see https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode
 */
export function createApi(options: ApiOptions): Hono {
  const { sandbox, publicUrl } = options;
  const api = new Hono();
  const answer = (c: Context, call: Call, prepare: (body: unknown) => Omit<Prepared, 'name'>) =>
    handle(c, call, prepare, options);

  api.post('/v2/codes', (c) =>
    answer(c, 'create', (body) => ({
      about: textIn(body, 'merchantPaymentId'),
      run: () => {
        const payment = sandbox.createCode(readCodeRequest(body));
        const url = `${publicUrl()}/pay/${encodeURIComponent(payment.codeId)}`;
        return { result: results.CREATED, data: codeView(payment, url) };
      },
    })),
  );
  api.delete('/v2/codes/:codeId', (c) => {
    const codeId = c.req.param('codeId');
    return answer(c, 'delete', () => ({
      about: idOf(() => sandbox.paymentOfCode(codeId)),
      run: () => {
        sandbox.deleteCode(codeId);
        return { result: results.SUCCESS };
      },
    }));
  });
  api.get('/v2/codes/payments/:merchantPaymentId', (c) => {
    const about = c.req.param('merchantPaymentId');
    return answer(c, 'details', () => ({
      about,
      run: () => ({ result: results.SUCCESS, data: paymentView(sandbox.payment(about)) }),
    }));
  });
  api.delete('/v2/payments/:merchantPaymentId', (c) => {
    const about = c.req.param('merchantPaymentId');
    return answer(c, 'cancel', () => ({
      about,
      run: () => {
        sandbox.cancel(about);
        return { result: results.ACCEPTED };
      },
    }));
  });
  api.post('/v2/refunds', (c) =>
    answer(c, 'refund', (body) => ({
      about: idOf(() => sandbox.paymentToRefund(textIn(body, 'paymentId') ?? '')),
      run: () => {
        const { paymentId, ...request } = readRefundRequest(body);
        sandbox.refund(paymentId, request);
        const { payment, refund } = sandbox.refundOf(request.merchantRefundId);
        return { result: results.SUCCESS, data: refundView(payment, refund) };
      },
    })),
  );
  api.get('/v2/refunds/:merchantRefundId', (c) => {
    const merchantRefundId = c.req.param('merchantRefundId');
    return answer(c, 'details', () => ({
      about: idOf(() => sandbox.refundOf(merchantRefundId).payment),
      run: () => {
        const { payment, refund } = sandbox.refundOf(merchantRefundId);
        return { result: results.SUCCESS, data: refundView(payment, refund) };
      },
    }));
  });
  return api;
}

async function handle(
  c: Context,
  name: Call,
  prepare: (body: unknown) => Omit<Prepared, 'name'>,
  options: ApiOptions,
): Promise<Response> {
  const { sandbox, logger } = options;
  const reply = ({ result, data }: Answer): Response => {
    options.onCall?.(name, result.code);
    logger.debug({ call: name, path: c.req.path, code: result.code, result: result.message }, name);
    const { status, code, codeId, message } = result;
    if (status === 429) c.header('retry-after', RETRY_AFTER_S);
    return c.json({ resultInfo: { code, message, codeId }, data: data ?? null }, status);
  };
  const unauthorized = await authorize(c, options);
  if (unauthorized) return reply(unauthorized);

  const run = (call: Prepared): Answer => carryOut(call, logger);
  try {
    const body = c.req.method === 'POST' ? readJson(await c.req.text()) : undefined;
    const call: Prepared = { name, ...prepare(body) };
    const fault = sandbox.takeApiFault(name, call.about);
    if (!fault) return reply(run(call));
    const early = fault.after ? run(call) : undefined;
    await slowDown(fault, options);
    if (fault.status !== undefined) return reply({ result: results.FAULTS[fault.status] });
    if (early && fault.slowMs === undefined) return cut(c);
    return reply(early ?? run(call));
  } catch (error) {
    return reply(answerTo(error, logger));
  }
}

async function authorize(c: Context, options: ApiOptions): Promise<Answer | undefined> {
  const text = await c.req.text();
  const wrong = whatIsWrongWith(
    c.req.header('authorization'),
    {
      method: c.req.method,
      // As it was sent: `c.req.path` is decoded.
      path: new URL(c.req.url).pathname,
      body: text === '' ? undefined : text,
      contentType: c.req.header('content-type'),
    },
    options.keys,
    options.clock.now(),
  );
  if (wrong === undefined) return undefined;
  const { message } = results.UNAUTHORIZED;
  return { result: { ...results.UNAUTHORIZED, message: `${message}: ${wrong}` } };
}

function carryOut(call: Prepared, logger: ApiOptions['logger']): Answer {
  try {
    return call.run();
  } catch (error) {
    return answerTo(error, logger);
  }
}

function answerTo(error: unknown, logger: ApiOptions['logger']): Answer {
  if (error instanceof Refused) return { result: results.REFUSALS[error.reason] };
  if (error instanceof InvalidParams) {
    const message = `${results.INVALID_PARAMS.message}: ${error.message}`;
    return { result: { ...results.INVALID_PARAMS, message } };
  }
  logger.error({ error }, 'a call of the API failed');
  return { result: results.BROKEN };
}

async function slowDown({ slowMs }: ApiFault, { clock }: ApiOptions): Promise<void> {
  if (slowMs !== undefined && slowMs > 0) await waitMs(clock, slowMs);
}

/** The answer is lost: the connection ends without one. */
function cut(c: Context): Response {
  const bindings = c.env as Partial<HttpBindings> | undefined;
  const request = bindings?.incoming;
  if (!request) throw new Error('there is no connection to cut');
  request.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function textIn(body: unknown, name: string): string | undefined {
  const value: unknown =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Undefined when it is not known: the call itself says so. */
function idOf(find: () => { readonly merchantPaymentId: string }): string | undefined {
  try {
    return find().merchantPaymentId;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
