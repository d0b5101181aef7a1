/** The decisions that are possible, and the dialog that asks whether, and why. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ActionType, AlertDetail } from '../../contract-ops.ts';
import { ApiProblem, callApi } from '../../web/api-client.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { actionWords } from '../runbook.ts';

interface DecideWords {
  title: string;
  acknowledge: string;
  taken: (name: string) => string;
  over: string;
  underWay: string;
  none: string;
  notNow: string;
  reason: string;
  reasonHelp: string;
  reasonMissing: string;
  cancel: string;
  sending: string;
  failed: (why: string) => string;
  away: string;
  script: string;
  order: string;
}
const words: Words<DecideWords> = {
  ja: {
    title: '対応',
    acknowledge: '担当する',
    taken: (name) => `${name} さんが対応中`,
    over: '解決済みです。対応は不要です。',
    underWay: '先の判断を実行しています。結果が出るまでお待ちください。',
    none: 'いまこの注文にできる対応はありません。',
    notNow: 'いまはできない対応',
    reason: '理由',
    reasonHelp: '監査に残ります。',
    reasonMissing: '理由を書いてください。',
    cancel: 'やめる',
    sending: '送信しています…',
    failed: (why) => `受け付けられませんでした：${why}`,
    away: '送信できませんでした。もう一度押しても、二重に実行されることはありません。',
    script: '対応するには JavaScript が必要です。',
    order: '注文',
  },
  en: {
    title: 'What to do',
    acknowledge: 'Acknowledge',
    taken: (name) => `${name} has it`,
    over: 'Resolved. Nothing is left to do.',
    underWay: 'A decision is being carried out; wait for what comes of it.',
    none: 'Nothing can be done about this order right now.',
    notNow: 'Not possible now',
    reason: 'Reason',
    reasonHelp: 'Kept in the audit.',
    reasonMissing: 'Please say why.',
    cancel: 'Cancel',
    sending: 'Sending…',
    failed: (why) => `Not accepted: ${why}`,
    away: 'It could not be sent. Pressing again cannot carry it out twice.',
    script: 'Decisions need JavaScript.',
    order: 'Order',
  },
};

export interface DecideProps {
  readonly detail: AlertDetail;
  readonly csrf: string;
  /** Something was accepted: the audit has more to say. */
  readonly onSent: () => void;
}

export function Decide({ detail, csrf, onSent }: DecideProps) {
  const say = useWords(words);
  const lang = useLang();
  const [asked, setAsked] = useState<ActionType | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const { alert, actions, audit } = detail;
  if (alert.resolvedAt !== null) return <p class="note note-good">{say.over}</p>;

  const isUnderWay = audit.some(
    ({ type, outcome, alertId }) =>
      type !== 'ACKNOWLEDGE' && outcome === null && alertId === alert.alertId,
  );
  const likely = actions.filter(({ isLikely }) => isLikely);
  const unlikely = actions.filter(({ isLikely }) => !isLikely);
  const acknowledge = () => {
    const params = { alertId: alert.alertId };
    callApi(fetch, 'POST /api/ops/alerts/{alertId}/acknowledge', { params, body: {}, csrf }).then(
      () => {
        setFault(null);
        onSent();
      },
      (error: unknown) => setFault(faultOf(error, say)),
    );
  };
  return (
    <div class="decide">
      {alert.state === 'NEW' ? (
        <button type="button" class="button" onClick={acknowledge}>
          {say.acknowledge}
        </button>
      ) : (
        <p class="soft">{say.taken(alert.acknowledgedBy?.displayName ?? '–')}</p>
      )}
      {isUnderWay ? (
        <p class="note">{say.underWay}</p>
      ) : (
        likely.map(({ type }, i) => (
          <button
            key={type}
            type="button"
            class={`button${i === 0 ? ' button-primary' : ''}`}
            onClick={() => setAsked(type)}
          >
            {actionWords[lang][type].label}
          </button>
        ))
      )}
      {likely.length === 0 && !isUnderWay && <p class="soft">{say.none}</p>}
      {unlikely.length > 0 && (
        <details class="small">
          <summary>{say.notNow}</summary>
          <ul>
            {unlikely.map(({ type, why }) => (
              <li key={type}>
                {actionWords[lang][type].label}
                {why !== null && <span class="soft"> {why}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
      {fault !== null && (
        <p class="note note-bad" role="alert">
          {fault}
        </p>
      )}
      <noscript>
        <p class="note note-warn">{say.script}</p>
      </noscript>
      {asked !== null && (
        <Dialog
          type={asked}
          detail={detail}
          csrf={csrf}
          onClose={() => setAsked(null)}
          onSent={onSent}
        />
      )}
    </div>
  );
}

function Dialog({
  type,
  detail: { alert },
  csrf,
  onClose,
  onSent,
}: DecideProps & { readonly type: ActionType; readonly onClose: () => void }) {
  const say = useWords(words);
  const { label, does, isGrave } = actionWords[useLang()][type];
  const dialog = useRef<HTMLDialogElement>(null);
  // Of this decision, however often it is sent.
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  const send = (event: Event) => {
    event.preventDefault();
    if (reason.trim() === '') {
      setFault(say.reasonMissing);
      return;
    }
    setSending(true);
    const params = { alertId: alert.alertId };
    const wish = { params, body: { type, reason }, csrf, idempotencyKey: key };
    callApi(fetch, 'POST /api/ops/alerts/{alertId}/actions', wish).then(
      () => {
        onSent();
        dialog.current?.close();
      },
      (error: unknown) => {
        setSending(false);
        setFault(faultOf(error, say));
      },
    );
  };
  return (
    <dialog class="dialog" ref={dialog} onClose={onClose} aria-labelledby="decision">
      <form onSubmit={send} noValidate>
        <h2 id="decision">{label}</h2>
        <p>
          {say.order} <span class="mono">{alert.orderNo}</span>
        </p>
        <p class={`note ${isGrave ? 'note-warn' : ''}`}>{does}</p>
        <label class="field">
          <span>{say.reason}</span>
          <textarea
            class="input"
            rows={3}
            maxLength={1000}
            value={reason}
            aria-invalid={fault !== null && reason.trim() === ''}
            aria-describedby="reason-help"
            onInput={(event) => {
              setReason(event.currentTarget.value);
              setFault(null);
            }}
          />
          <span id="reason-help" class="soft small">
            {say.reasonHelp}
          </span>
        </label>
        {fault !== null && (
          <p class="note note-bad" role="alert">
            {fault}
          </p>
        )}
        <div class="dialog-end">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {say.cancel}
          </button>
          <button type="submit" class="button button-primary" disabled={isSending}>
            {isSending ? say.sending : label}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function faultOf(error: unknown, say: DecideWords): string {
  return error instanceof ApiProblem && error.status < 500
    ? say.failed(error.problem.detail || error.problem.title)
    : say.away;
}
