import { Hono, type Context } from 'hono';
import { faultsIn } from '../api/requests.ts';
import { newestFirst } from '../control.ts';
import { faultSetSchema } from '../domain/faults.ts';
import type { Payment } from '../domain/payment.ts';
import { Refused } from '../domain/refused.ts';
import type { Sandbox } from '../sandbox.ts';
import { faultsFilledIn } from './fault-form.ts';
import { indexPage } from './index-page.ts';
import { payPage, safeRedirect } from './pay-page.ts';
import { languageOf, type Language } from './texts.ts';

const SHOWN = 50;
const MOVES = ['pay', 'decline', 'expire'] as const;

/** The pages for people: `/pay/{codeId}` for shoppers, `/` for developers. */
export function createPages(sandbox: Sandbox): Hono {
  const pages = new Hono();

  const show = async (c: Context, payment: Payment | undefined): Promise<Response> => {
    const page = await payPage(payment, languageIn(c), sandbox.now());
    c.header('cache-control', 'no-store');
    c.header('vary', 'accept-language');
    return c.html(page, payment ? 200 : 404);
  };
  pages.get('/pay/:codeId', (c) => show(c, find(sandbox, c.req.param('codeId'))));
  pages.post('/pay/:codeId', async (c) => {
    const payment = find(sandbox, c.req.param('codeId'));
    if (!payment) return show(c, undefined);
    const { move: wanted } = await c.req.parseBody();
    const move = MOVES.find((each) => each === wanted);
    // A code that can't be paid any more shows why; so does a form that says nothing.
    const moved = move && attempt(() => sandbox[move](payment.merchantPaymentId));
    const isPaid = move === 'pay' && moved !== undefined && moved.startedAtMs === undefined;
    const back = isPaid ? safeRedirect(moved.redirectUrl) : undefined;
    return c.redirect(
      back ?? `/pay/${encodeURIComponent(payment.codeId)}?lang=${languageIn(c)}`,
      303,
    );
  });

  const index = (c: Context, error?: string): Promise<Response> => {
    const content = {
      payments: newestFirst(sandbox, SHOWN),
      faults: sandbox.allFaults(),
      nowMs: sandbox.now(),
      ...(error !== undefined && { error }),
    };
    return Promise.resolve(c.html(indexPage(content), error === undefined ? 200 : 400));
  };
  pages.get('/', (c) => index(c));
  pages.post('/forms/faults', async (c) => {
    const form = await c.req.parseBody();
    const filledIn = faultsFilledIn(form);
    const parsed = faultSetSchema.safeParse(filledIn);
    if (!parsed.success) return index(c, faultsIn(parsed.error).join('; '));
    const orderNo = typeof form['orderNo'] === 'string' ? form['orderNo'].trim() : '';
    const set = Object.keys(filledIn).length > 0 ? parsed.data : undefined;
    sandbox.setFaults(orderNo === '' ? null : orderNo, set);
    return c.redirect('/', 303);
  });
  return pages;
}

function languageIn(c: Context): Language {
  return languageOf(c.req.query('lang'), c.req.header('accept-language'));
}

function find(sandbox: Sandbox, codeId: string): Payment | undefined {
  return attempt(() => sandbox.paymentOfCode(codeId));
}

/** Undefined when it is refused. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
