import { useShell } from '../../web/page-context.tsx';
import { Island } from '../../web/island.tsx';
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import AlertList from '../islands/alert-list.tsx';
import { FilterBar } from '../list/filter-bar.tsx';
import type { ConsolePages } from '../pages.ts';

const words: Words<{ title: string; failed: string; again: string }> = {
  ja: {
    title: 'アラート',
    failed:
      'アラートを読み込めませんでした。検知は続いています。数秒後にもう一度読み込んでください。',
    again: 'もう一度読み込む',
  },
  en: {
    title: 'Alerts',
    failed:
      'The alerts could not be loaded. Detection goes on meanwhile; try again in a few seconds.',
    again: 'Try again',
  },
};

export function AlertsPage({ filters, page, watching }: ConsolePages['alerts']) {
  const say = useWords(words);
  const { path, session, now } = useShell();
  return (
    <>
      <h1>{say.title}</h1>
      <FilterBar filters={filters} counts={page?.counts ?? null} />
      {page ? (
        <Island
          name="alert-list"
          of={AlertList}
          props={{ filters, page, watching, csrf: session?.csrfToken ?? '', now }}
        />
      ) : (
        <div class="note note-bad" role="alert">
          <p>
            {say.failed} <a href={path}>{say.again}</a>
          </p>
        </div>
      )}
    </>
  );
}
