/** What is around every page of the console. */
import { zoneName } from '../../web/format.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import type { ConsolePages } from '../pages.ts';

interface ChromeWords {
  site: string;
  skip: string;
  nav: string;
  alerts: string;
  overview: string;
  orders: string;
  store: string;
  other: string;
  signOut: string;
  times: string;
}
export const chromeWords: Words<ChromeWords> = {
  ja: {
    site: 'kafka-alert 運用コンソール',
    skip: '本文へ移動',
    nav: 'コンソール',
    alerts: 'アラート',
    overview: '概況',
    orders: '注文',
    store: 'ストア',
    other: 'English',
    signOut: 'サインアウト',
    times: '時刻はすべて',
  },
  en: {
    site: 'kafka-alert console',
    skip: 'Skip to content',
    nav: 'Console',
    alerts: 'Alerts',
    overview: 'Overview',
    orders: 'Orders',
    store: 'Store',
    other: '日本語',
    signOut: 'Sign out',
    times: 'All times are',
  },
};

export function ConsoleHeader({ page }: { page: keyof ConsolePages }) {
  const say = useWords(chromeWords);
  const lang = useLang();
  const { path, session } = useShell();
  const other = lang === 'ja' ? 'en' : 'ja';
  const places = [
    { href: '/ops', name: say.alerts, isHere: page === 'alerts' || page === 'alert' },
    { href: '/ops/overview', name: say.overview, isHere: page === 'overview' },
    { href: '/ops/orders', name: say.orders, isHere: page === 'orders' || page === 'order' },
  ];
  return (
    <header class="top">
      <a class="brand" href="/ops">
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
          <path d="M2 8h20M2 16h20" stroke="currentColor" stroke-width="2" />
          <circle cx="8" cy="8" r="3.4" fill="currentColor" />
          <path d="m16 11.5 4.5 4.5-4.5 4.5-4.5-4.5z" fill="currentColor" />
        </svg>
        kafka-alert
      </a>
      <nav aria-label={say.nav}>
        {places.map(({ href, name, isHere }) => (
          <a key={href} href={href} aria-current={isHere ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <div class="top-end">
        <a href={withLang(path, other)} lang={other} hreflang={other}>
          {say.other}
        </a>
        {session?.account && (
          <form method="post" action="/sign-out" class="who">
            <span class="soft">{session.account.displayName}</span>
            <input type="hidden" name="csrf" value={session.csrfToken} />
            <button type="submit" class="button button-quiet button-small">
              {say.signOut}
            </button>
          </form>
        )}
      </div>
    </header>
  );
}

export function ConsoleFooter() {
  const say = useWords(chromeWords);
  return (
    <footer class="foot soft small">
      {say.times} {zoneName[useLang()]}
    </footer>
  );
}

function withLang(path: string, lang: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}lang=${lang}`;
}
