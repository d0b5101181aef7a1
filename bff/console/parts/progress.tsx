/** How far the latest decision has come. */
import type { AlertDetail } from '../../contract-ops.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { clockTime } from '../ages.ts';
import { progressOf, type ProgressStep } from '../progress.ts';
import { actionName } from './audit.tsx';
import { Shape, type Tone } from './badges.tsx';

interface ProgressWords {
  title: (action: string) => string;
  steps: Readonly<Record<ProgressStep['name'], Readonly<Record<ProgressStep['state'], string>>>>;
  over: string;
  refused: string;
}
const words: Words<ProgressWords> = {
  ja: {
    title: (action) => `「${action}」の進み具合`,
    steps: {
      sent: { done: '送信済み', now: '送信中', later: '送信', refused: '送信' },
      done: { done: '実行済み', now: '実行中', later: '実行', refused: '拒否されました' },
      resolved: {
        done: '解決済み',
        now: '注文と決済の一致を待っています',
        later: '解決',
        refused: '解決',
      },
    },
    over: '注文と決済が一致しました。対応は終わりです。',
    refused: '別の対応を選んでください。',
  },
  en: {
    title: (action) => `Progress of “${action}”`,
    steps: {
      sent: { done: 'Sent', now: 'Sending', later: 'Sent', refused: 'Sent' },
      done: {
        done: 'Carried out',
        now: 'Being carried out',
        later: 'Carried out',
        refused: 'Refused',
      },
      resolved: {
        done: 'Resolved',
        now: 'Waiting for money and order to agree',
        later: 'Resolved',
        refused: 'Resolved',
      },
    },
    over: 'Money and order agree. Nothing is left to do.',
    refused: 'Choose another way.',
  },
};
const tones: Readonly<Record<ProgressStep['state'], Tone>> = {
  done: 'good',
  now: 'warn',
  later: 'plain',
  refused: 'bad',
};

export function Progress({ detail }: { detail: AlertDetail }) {
  const say = useWords(words);
  const lang = useLang();
  const progress = progressOf(detail);
  if (!progress) return null;
  const isRefused = progress.outcome === 'REFUSED';
  return (
    <section class="progress" aria-label={say.title(actionName(progress.type, lang))}>
      <h3>{say.title(actionName(progress.type, lang))}</h3>
      <ol class="steps" aria-live="polite">
        {progress.steps.map(({ name, state, at }) => (
          <li key={name} class={`step step-${state}`}>
            <Shape tone={tones[state]} />
            <span>
              {say.steps[name][state]}
              {at !== null && state !== 'later' && (
                <span class="soft small time"> {clockTime(at, 'second')}</span>
              )}
            </span>
          </li>
        ))}
      </ol>
      {progress.detail !== null && <p class="soft small">{progress.detail}</p>}
      {progress.isOver && <p>{isRefused ? say.refused : say.over}</p>}
    </section>
  );
}
