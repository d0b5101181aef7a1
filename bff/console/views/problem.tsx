import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';

interface ProblemWords {
  missing: string;
  missingNext: string;
  away: string;
  awayNext: string;
  back: string;
  again: string;
}
const words: Words<ProblemWords> = {
  ja: {
    missing: 'ここには何もありません',
    missingNext: 'アラートや注文の番号が違うか、このアカウントでは見られないページです。',
    away: 'いまは情報を取得できません',
    awayNext: '裏側のサービスが応答していません。アラートの検知は続いています。',
    back: 'アラート一覧へ',
    again: 'もう一度読み込む',
  },
  en: {
    missing: 'There is nothing here',
    missingNext: 'The number of the alert or order is wrong, or this account may not see the page.',
    away: 'This cannot be shown right now',
    awayNext: 'A service behind the console does not answer. Alerts are still being detected.',
    back: 'To the alerts',
    again: 'Try again',
  },
};

export function ProblemPage({ status }: { status: number }) {
  const say = useWords(words);
  const { path } = useShell();
  const isAway = status >= 500;
  return (
    <div class="blank">
      <h1>{isAway ? say.away : say.missing}</h1>
      <p class="soft">{isAway ? say.awayNext : say.missingNext}</p>
      <p>
        {isAway ? (
          <a class="button button-primary" href={path}>
            {say.again}
          </a>
        ) : (
          <a class="button" href="/ops">
            {say.back}
          </a>
        )}
      </p>
    </div>
  );
}
