import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { Island } from '../../web/island.tsx';
import { useShell } from '../../web/page-context.tsx';
import Overview from '../islands/overview.tsx';
import { overviewWords } from '../overview/words.ts';
import type { ConsolePages } from '../pages.ts';

const words: Words<{ failed: string; again: string }> = {
  ja: {
    failed: '概況を読み込めませんでした。アラートの検知は続いています。',
    again: 'もう一度読み込む',
  },
  en: {
    failed: 'The overview could not be loaded. Alerts are still being detected.',
    again: 'Try again',
  },
};

export function OverviewPage({ overview, hours }: ConsolePages['overview']) {
  const say = useWords(overviewWords);
  const { failed, again } = useWords(words);
  const { path } = useShell();
  return (
    <>
      <div class="bar">
        <h1>{say.title}</h1>
        <nav class="tabs" aria-label={say.span}>
          {Object.entries(say.spans).map(([span, name]) => (
            <a
              key={span}
              href={`/ops/overview?hours=${span}`}
              aria-current={Number(span) === hours ? 'true' : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
      </div>
      {overview ? (
        <Island name="overview" of={Overview} props={{ overview, hours }} />
      ) : (
        <p class="note note-bad" role="alert">
          <span>
            {failed} <a href={path}>{again}</a>
          </span>
        </p>
      )}
    </>
  );
}
