import { html } from 'hono/html';
import type { FaultScope, FaultSet } from '../domain/faults.ts';
import { refundedJpy, type Payment } from '../domain/payment.ts';
import { inJst } from '../domain/webhooks.ts';
import { faultForm } from './fault-form.ts';
import { page, type Html } from './layout.ts';
import { pageStateOf, yen } from './pay-page.ts';

export interface IndexContent {
  readonly payments: readonly Payment[];
  readonly faults: readonly (readonly [FaultScope, FaultSet])[];
  readonly nowMs: number;
  /** What was wrong with the form that was sent. */
  readonly error?: string;
}

/** What developers see: the latest payments, and the faults. */
export function indexPage({ payments, faults, nowMs, error }: IndexContent): Html {
  return page(
    { lang: 'en', title: 'PayPay Sandbox', wide: true },
    html`
      <header><strong>PayPay Sandbox</strong><a href="/actuator/health">health</a></header>
      <section class="card">
        <h2>Faults</h2>
        ${error === undefined ? '' : html`<p class="bad" role="alert">${error}</p>`}
        ${faults.length === 0 ? html`<p class="soft">None is set.</p>` : faultList(faults)}
        ${faultForm()}
      </section>
      <section class="card">
        <h2>Payments</h2>
        ${
          payments.length === 0
            ? html`<p class="soft">There are none yet.</p>`
            : paymentTable(payments, nowMs)
        }
      </section>
    `,
  );
}

function faultList(faults: IndexContent['faults']): Html {
  return html`<dl>
    ${faults.map(
      ([scope, set]) =>
        html`<dt>${scope ?? 'all others'}</dt>
          <dd><code>${JSON.stringify(set)}</code></dd>`,
    )}
  </dl>`;
}

function paymentTable(payments: readonly Payment[], nowMs: number): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Payments">
    <table>
      <thead>
        <tr>
          <th>payment</th>
          <th>status</th>
          <th>code</th>
          <th>amount</th>
          <th>refunded</th>
          <th>created</th>
          <th>webhooks</th>
        </tr>
      </thead>
      <tbody>
        ${payments.map((payment) => row(payment, nowMs))}
      </tbody>
    </table>
  </div>`;
}

function row(payment: Payment, nowMs: number): Html {
  const { merchantPaymentId, codeId, status, webhooks } = payment;
  const sent = webhooks.map(({ state, settled }) => `${state} ${settled?.outcome ?? 'waiting'}`);
  return html`<tr>
    <td>
      <a href="/sandbox/payments/${encodeURIComponent(merchantPaymentId)}">${merchantPaymentId}</a>
    </td>
    <td>${status}</td>
    <td>
      <a href="/pay/${encodeURIComponent(codeId)}">${pageStateOf(payment, nowMs)}</a>
    </td>
    <td class="number">${yen(payment.amountJpy)}</td>
    <td class="number">${yen(refundedJpy(payment))}</td>
    <td>${inJst(payment.createdAtMs)}</td>
    <td>${sent.join(', ')}</td>
  </tr>`;
}
