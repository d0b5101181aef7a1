import { html } from 'hono/html';
import { CALLS } from '../domain/faults.ts';
import type { Html } from './layout.ts';

type Kind = 'flag' | 'number' | readonly string[];

/** The form's fields: each is named by its place in the fault set. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  webhook: {
    lost: 'flag',
    delayMs: 'number',
    twice: 'flag',
    outOfOrder: 'flag',
    forged: ['source', 'state'],
  },
  api: {
    slowMs: 'number',
    status: ['429', '500', '503'],
    path: CALLS,
    times: 'number',
    after: 'flag',
  },
  payment: { completesAfterExpiry: 'flag', failsAfterMs: 'number', succeedsAfterMs: 'number' },
};

/** A form for the faults of one order, or (without a number) of all others. */
export function faultForm(): Html {
  return html`
    <form class="faults" method="post" action="/forms/faults">
      <fieldset>
        <legend>whose</legend>
        <label>order number <input name="orderNo" placeholder="all others" /></label>
        <button class="first">Set the faults</button>
        <p class="soft">A form without any fault clears them.</p>
      </fieldset>
      ${Object.entries(FIELDS).map(
        ([part, fields]) =>
          html`<fieldset>
            <legend>${part}</legend>
            ${Object.entries(fields).map(
              ([name, kind]) => html`<label>${name} ${input(`${part}.${name}`, kind)}</label>`,
            )}
          </fieldset>`,
      )}
    </form>
  `;
}

/** What was filled in, as a fault set that is still to be checked. Empty fields are left out. */
export function faultsFilledIn(
  form: Readonly<Record<string, unknown>>,
): Record<string, Record<string, unknown>> {
  const set: Record<string, Record<string, unknown>> = {};
  for (const [part, fields] of Object.entries(FIELDS)) {
    for (const [name, kind] of Object.entries(fields)) {
      const value = form[`${part}.${name}`];
      if (typeof value !== 'string' || value.trim() === '') continue;
      set[part] ??= {};
      set[part][name] = valueOf(value.trim(), name, kind);
    }
  }
  return set;
}

function valueOf(value: string, name: string, kind: Kind): unknown {
  if (kind === 'flag') return value === 'on';
  return kind === 'number' || name === 'status' ? Number(value) : value;
}

function input(name: string, kind: Kind): Html {
  if (kind === 'flag') return html`<input type="checkbox" name="${name}" />`;
  if (kind === 'number') {
    return html`<input type="number" min="0" step="1" name="${name}" inputmode="numeric" />`;
  }
  return html`<select name="${name}">
    <option></option>
    ${kind.map((word) => html`<option>${word}</option>`)}
  </select>`;
}
