/** From page to page. */
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';

const words: Words<{
  label: string;
  before: string;
  next: string;
  where: (page: number, pages: number) => string;
}> = {
  ja: {
    label: 'ページ',
    before: '前へ',
    next: '次へ',
    where: (page, pages) => `${String(page)} / ${String(pages)} ページ`,
  },
  en: {
    label: 'Pages',
    before: 'Previous',
    next: 'Next',
    where: (page, pages) => `Page ${String(page)} of ${String(pages)}`,
  },
};

export function Pager({
  page,
  pages,
  addressOf,
}: {
  page: number;
  pages: number;
  addressOf: (page: number) => string;
}) {
  const say = useWords(words);
  if (pages <= 1) return null;
  return (
    <nav class="pager" aria-label={say.label}>
      {page > 1 ? (
        <a class="button button-small" rel="prev" href={addressOf(page - 1)}>
          ← {say.before}
        </a>
      ) : (
        <span />
      )}
      <span class="small soft count">{say.where(page, pages)}</span>
      {page < pages ? (
        <a class="button button-small" rel="next" href={addressOf(page + 1)}>
          {say.next} →
        </a>
      ) : (
        <span />
      )}
    </nav>
  );
}
