/** When there is no page: what happened, and what to do now. */
import type { Words } from '../../web/i18n.ts';
import { useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import type { StorePages } from '../pages.ts';

interface ProblemWords {
  readonly title: string;
  readonly text: string;
}

export const problemWords: Words<{
  of: (status: number) => ProblemWords;
  again: string;
  home: string;
}> = {
  ja: { of: (status) => JA[status] ?? JA[500]!, again: 'もう一度試す', home: '商品を見る' },
  en: { of: (status) => EN[status] ?? EN[500]!, again: 'Try again', home: 'See all products' },
};

const JA: Readonly<Record<number, ProblemWords>> = {
  403: {
    title: '操作を完了できませんでした',
    text: '画面を開いてから時間が経ったようです。前の画面に戻って再読み込みし、もう一度お試しください。',
  },
  404: {
    title: 'ページが見つかりません',
    text: 'アドレスが変わったか、商品の取り扱いが終わったのかもしれません。検索か商品一覧からお探しください。',
  },
  429: {
    title: '少しお待ちください',
    text: '短い時間に操作が続いたため、一時的に受け付けを止めています。1分ほどしてからお試しください。',
  },
  500: {
    title: '申し訳ありません',
    text: 'こちらの不具合でページを表示できませんでした。内容は記録しました。しばらくしてからお試しください。',
  },
  503: {
    title: 'まもなく戻ります',
    text: 'ただいま一時的につながりにくくなっています。カートとご注文はそのままです。少し待ってからお試しください。',
  },
};

const EN: Readonly<Record<number, ProblemWords>> = {
  403: {
    title: 'That did not work',
    text: 'The page seems to have been open for a long time. Go back, reload it, and try again.',
  },
  404: {
    title: 'There is no such page',
    text: 'It may have moved, or we no longer sell what was here. Search for it, or have a look around.',
  },
  429: {
    title: 'One moment, please',
    text: 'That was a lot in a short time, so we paused. Please try again in a minute.',
  },
  500: {
    title: 'We are sorry',
    text: 'Something went wrong on our side. We have made a note of it; please try again in a while.',
  },
  503: {
    title: 'We’ll be back in a moment',
    text: 'Something is not answering right now. Your cart and your orders are safe. Please try again shortly.',
  },
};

export function ProblemView({ status }: StorePages['problem']) {
  const say = useWords(problemWords);
  const { path } = useShell();
  const { title, text } = say.of(status);
  return (
    <div class="page-width narrow problem">
      <h1>{title}</h1>
      <p class="soft">{text}</p>
      <p class="actions">
        {(status === 503 || status === 429) && (
          <a class="button button-primary" href={path}>
            {say.again}
          </a>
        )}
        <a class={status === 404 ? 'button button-primary' : 'button'} href="/">
          {say.home}
        </a>
      </p>
    </div>
  );
}
