/** Who decided what, why, and what came of it. */
import type { ActionType, AuditEntry } from '../../contract-ops.ts';
import { exactTime } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { actionWords } from '../runbook.ts';
import type { Tone } from './badges.tsx';
import { Badge } from './badges.tsx';

interface AuditWords {
  title: string;
  empty: string;
  columns: readonly [string, string, string, string, string];
  acknowledge: string;
  outcomes: Readonly<Record<string, string>>;
  noted: string;
  underWay: string;
}
const words: Words<AuditWords> = {
  ja: {
    title: '監査',
    empty: 'まだ誰も判断していません。',
    columns: ['時刻', '担当者', '判断', '理由', '結果'],
    acknowledge: '担当する',
    outcomes: { DONE: '完了', REFUSED: '拒否' },
    noted: '記録済み',
    underWay: '実行中',
  },
  en: {
    title: 'Audit',
    empty: 'Nobody has decided anything yet.',
    columns: ['Time', 'Who', 'Decision', 'Reason', 'Outcome'],
    acknowledge: 'Acknowledge',
    outcomes: { DONE: 'Done', REFUSED: 'Refused' },
    noted: 'Noted',
    underWay: 'Under way',
  },
};
const tones: Readonly<Record<string, Tone>> = { DONE: 'good', REFUSED: 'bad' };

export function Audit({ audit }: { audit: readonly AuditEntry[] }) {
  const say = useWords(words);
  const lang = useLang();
  return (
    <section class="panel" aria-labelledby="audit">
      <h2 id="audit">{say.title}</h2>
      {audit.length === 0 ? (
        <p class="soft">{say.empty}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="audit">
          <table class="table">
            <thead>
              <tr>
                {say.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {audit
                .toSorted((a, b) => b.requestedAt - a.requestedAt)
                .map((entry) => (
                  <tr key={entry.actionId}>
                    <td class="time nowrap">{exactTime(entry.requestedAt, lang, true)}</td>
                    <td>{entry.operator?.displayName ?? '–'}</td>
                    <td>{actionName(entry.type, lang)}</td>
                    <td>{entry.reason === '' ? '–' : entry.reason}</td>
                    <td>
                      <Outcome entry={entry} say={say} />
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Outcome({
  entry: { type, outcome, detail },
  say,
}: {
  entry: AuditEntry;
  say: AuditWords;
}) {
  // Nothing is carried out for it.
  if (outcome === null && type === 'ACKNOWLEDGE') return <Badge tone="plain">{say.noted}</Badge>;
  if (outcome === null) return <Badge tone="warn">{say.underWay}</Badge>;
  return (
    <>
      <Badge tone={tones[outcome] ?? 'plain'}>{say.outcomes[outcome] ?? outcome}</Badge>
      {detail !== null && <span class="soft small"> {detail}</span>}
    </>
  );
}

/** In the operator's words; one that is not known goes by its own. */
export function actionName(type: string, lang: 'ja' | 'en'): string {
  if (type === 'ACKNOWLEDGE') return words[lang].acknowledge;
  const known = actionWords[lang];
  return type in known ? known[type as ActionType].label : type;
}
