import { Hono, type Context } from 'hono';
import { problem } from '#kit';
import { faultsIn, readJson } from './api/requests.ts';
import { faultSetSchema, NO_FAULTS, type FaultScope, type FaultSet } from './domain/faults.ts';
import { refundedJpy, type Payment } from './domain/payment.ts';
import { Refused } from './domain/refused.ts';
import type { Sandbox } from './sandbox.ts';

const SHOWN = 100;
const MOST_SHOWN = 1_000;

/**
 * What PayPay does not have: faults, and the shopper's moves for machines. Not signed: it is for development, and bound
 * as the server itself.
 *
 * - `GET|PUT|DELETE /sandbox/faults/default`, `…/sandbox/faults/orders/{orderNo}`: the whole fault set; `GET /sandbox/faults`: all
 * - `POST /sandbox/payments/{merchantPaymentId}/pay|decline|expire`
 * - `GET /sandbox/payments?limit=`, `GET /sandbox/payments/{merchantPaymentId}`
 */
export function createControl(sandbox: Sandbox): Hono {
  const control = new Hono();
  control.onError((error) => {
    if (!(error instanceof Refused)) throw error;
    return error.reason === 'NOT_PAYABLE'
      ? problem(409, 'Conflict', error.message)
      : problem(404, 'Not Found', error.message);
  });

  control.get('/sandbox/faults', (c) => {
    const all = sandbox.allFaults();
    const orders: Record<string, FaultSet> = {};
    for (const [scope, set] of all) if (scope !== null) orders[scope] = set;
    return c.json({ default: sandbox.faultsSetFor(null) ?? NO_FAULTS, orders });
  });
  const faultsAt = (path: string, scopeOf: (c: Context) => FaultScope): void => {
    control.get(path, (c) => c.json(sandbox.faultsSetFor(scopeOf(c)) ?? NO_FAULTS));
    control.put(path, async (c) => {
      let body: unknown;
      try {
        body = readJson(await c.req.text());
      } catch (error) {
        return problem(400, 'Bad Request', (error as Error).message);
      }
      const parsed = faultSetSchema.safeParse(body);
      if (!parsed.success) {
        return problem(400, 'Bad Request', faultsIn(parsed.error).join('; '));
      }
      sandbox.setFaults(scopeOf(c), parsed.data);
      return c.json(parsed.data);
    });
    control.delete(path, (c) => {
      sandbox.setFaults(scopeOf(c), undefined);
      return c.body(null, 204);
    });
  };
  faultsAt('/sandbox/faults/default', () => null);
  faultsAt('/sandbox/faults/orders/:orderNo', (c) => c.req.param('orderNo') as string);

  control.get('/sandbox/payments', (c) => {
    const limit = Number(c.req.query('limit') ?? SHOWN);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_SHOWN) {
      return problem(400, 'Bad Request', `limit: a number from 1 to ${String(MOST_SHOWN)}`);
    }
    return c.json({ payments: newestFirst(sandbox, limit).map(summaryOf) });
  });
  control.get('/sandbox/payments/:merchantPaymentId', (c) =>
    c.json(sandbox.payment(c.req.param('merchantPaymentId'))),
  );
  for (const move of ['pay', 'decline', 'expire'] as const) {
    control.post(`/sandbox/payments/:merchantPaymentId/${move}`, (c) => {
      const { status } = sandbox[move](c.req.param('merchantPaymentId'));
      return c.json({ status });
    });
  }
  return control;
}

/** The latest payments. */
export function newestFirst(sandbox: Sandbox, limit: number): Payment[] {
  return sandbox.payments.slice(-limit).reverse();
}

function summaryOf(payment: Payment): object {
  const { merchantPaymentId, codeId, paymentId, status, amountJpy } = payment;
  return {
    merchantPaymentId,
    codeId,
    paymentId,
    status,
    amountJpy,
    refundedJpy: refundedJpy(payment),
    createdAtMs: payment.createdAtMs,
    expiresAtMs: payment.expiresAtMs,
    acceptedAtMs: payment.acceptedAtMs ?? null,
    deletedAtMs: payment.deletedAtMs ?? null,
  };
}
