/** What every page of the store has: the header with search, account and cart, and the footer. */
import type { Lang } from '../../contract.ts';
import { Island } from '../../web/island.tsx';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { useShell } from '../../web/page-context.tsx';
import CartLink from '../islands/cart-link.tsx';
import SearchBox from '../islands/search-box.tsx';

export const SHOP = { ja: 'ひより', en: 'Hiyori' } as const satisfies Record<Lang, string>;

export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
  '<rect width="32" height="32" rx="8" fill="#23518c"/>' +
  '<circle cx="16" cy="16" r="6" fill="#fff"/></svg>';

const words: Words<{
  tagline: string;
  nav: string;
  account: (name: string) => string;
  signIn: string;
  orders: string;
  signOut: string;
  everywhere: string;
  language: string;
  about: string;
  sandbox: string;
}> = {
  ja: {
    tagline: '毎日の、ちょうどいいもの。',
    nav: 'メニュー',
    account: (name) => `${name} さん`,
    signIn: 'ログイン',
    orders: '注文履歴',
    signOut: 'ログアウト',
    everywhere: 'すべての端末でログアウト',
    language: '言語',
    about: '表示価格はすべて税込み・送料込みです。お支払いは PayPay でどうぞ。',
    sandbox: 'サンドボックス（開発用）',
  },
  en: {
    tagline: 'Good things for every day.',
    nav: 'Menu',
    account: (name) => name,
    signIn: 'Sign in',
    orders: 'Orders',
    signOut: 'Sign out',
    everywhere: 'Sign out on all devices',
    language: 'Language',
    about: 'All prices include tax and shipping. Pay with PayPay.',
    sandbox: 'Sandbox (development)',
  },
};

export function Header({ q = '', category = '' }: { q?: string; category?: string }) {
  const { session, path } = useShell();
  const say = useWords(words);
  const isSigning = /^\/sign-(in|up)/.test(path);
  const next = encodeURIComponent(path);
  return (
    <header class="header">
      <div class="header-row page-width">
        <a class="brand" href="/">
          <span class="brand-mark" aria-hidden="true" />
          {SHOP[useLang()]}
        </a>
        <Island class="header-search" name="search-box" of={SearchBox} props={{ q, category }} />
        <nav class="header-nav" aria-label={say.nav}>
          {session?.account ? (
            <AccountMenu name={session.account.displayName} csrf={session.csrfToken} />
          ) : (
            <a class="nav-link" href={isSigning ? '/sign-in' : `/sign-in?next=${next}`}>
              <PersonIcon />
              <span class="nav-word">{say.signIn}</span>
            </a>
          )}
          <Island name="cart-link" of={CartLink} props={{ items: session?.cartItems ?? 0 }} />
        </nav>
      </div>
    </header>
  );
}

/** Opens without script: a `<details>`. */
function AccountMenu({ name, csrf }: { name: string; csrf: string }) {
  const say = useWords(words);
  return (
    <details class="menu">
      <summary class="nav-link">
        <PersonIcon />
        <span class="nav-word menu-name">{say.account(name)}</span>
      </summary>
      <div class="menu-panel card">
        <a class="menu-item" href="/orders">
          {say.orders}
        </a>
        <form method="post" action="/sign-out">
          <input type="hidden" name="csrf" value={csrf} />
          <button class="menu-item">{say.signOut}</button>
          <button class="menu-item" name="everywhere" value="1">
            {say.everywhere}
          </button>
        </form>
      </div>
    </details>
  );
}

function PersonIcon() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none">
      <g stroke="currentColor" stroke-width="1.7" stroke-linecap="round">
        <circle cx="12" cy="8" r="4" />
        <path d="M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6" />
      </g>
    </svg>
  );
}

export function Footer() {
  const { sandboxUrl, path } = useShell();
  const say = useWords(words);
  const lang = useLang();
  const inLang = (wish: Lang) => `${path}${path.includes('?') ? '&' : '?'}lang=${wish}`;
  return (
    <footer class="footer">
      <div class="footer-row page-width">
        <p>
          <strong>{SHOP[lang]}</strong> <span class="soft">{say.tagline}</span>
          <br />
          <span class="small soft">{say.about}</span>
        </p>
        <nav class="footer-nav small" aria-label={say.language}>
          <a href={inLang('ja')} lang="ja" hreflang="ja" aria-current={lang === 'ja' || undefined}>
            日本語
          </a>
          <a href={inLang('en')} lang="en" hreflang="en" aria-current={lang === 'en' || undefined}>
            English
          </a>
          {sandboxUrl !== null && <a href={sandboxUrl}>{say.sandbox}</a>}
        </nav>
      </div>
    </footer>
  );
}
