/** States as a shape, a word and a colour: any two of them are enough. */
import type { Alert } from '../../contract-ops.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { ruleTitles } from '../runbook.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

/** Full is bad, half is to be watched, a check is good. */
export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg class={`shape tone-${tone}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      {tone === 'bad' && <path d="M6 0.8 11.6 11H0.4Z" fill="currentColor" />}
      {tone === 'warn' && (
        <>
          <circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" stroke-width="1.6" />
          <path d="M6 1.2a4.8 4.8 0 0 1 0 9.6z" fill="currentColor" />
        </>
      )}
      {tone === 'good' && (
        <path d="m1.5 6.5 3 3 6-7" fill="none" stroke="currentColor" stroke-width="2" />
      )}
      {tone === 'plain' && (
        <circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" stroke-width="1.6" />
      )}
    </svg>
  );
}

export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`badge badge-${tone}`}>
      <Shape tone={tone} />
      {children}
    </span>
  );
}

const stateWords: Words<Record<Alert['state'], string>> = {
  ja: { NEW: '未対応', ACKNOWLEDGED: '対応中', RESOLVED: '解決済み' },
  en: { NEW: 'New', ACKNOWLEDGED: 'Acknowledged', RESOLVED: 'Resolved' },
};
const stateTones = { NEW: 'bad', ACKNOWLEDGED: 'warn', RESOLVED: 'good' } as const;

export function StateBadge({ state }: { state: Alert['state'] }) {
  return <Badge tone={stateTones[state]}>{useWords(stateWords)[state]}</Badge>;
}

export function Rule({ ruleId }: { ruleId: Alert['ruleId'] }) {
  return (
    <span class="rule">
      <code class="mono">{ruleId}</code>
      <span class="soft small">{ruleTitles[useLang()][ruleId]}</span>
    </span>
  );
}

const orderTones: Readonly<Record<string, Tone>> = { PAID: 'good', FAILED: 'bad' };

/** An order's status: the exact term, here everywhere. */
export function OrderStatus({ status }: { status: string }) {
  return (
    <span class="status">
      <Shape tone={orderTones[status] ?? 'plain'} />
      <code class="mono">{status}</code>
    </span>
  );
}
