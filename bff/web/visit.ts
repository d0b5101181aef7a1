/**
 * One request for a page: in which language, by whom, and the API as this visitor may ask it.
 *
 * V1. The API sees the visitor's cookies, and the visitor gets those that the API sets: one session for both.
 * V2. What a form changes is asked for with the token that the form carries, never with the session's own: a form of
 *     another site has none.
 */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { CallName } from '../calls.ts';
import type { Lang, SessionView } from '../contract.ts';
import type { Answer, Wish } from './api-client.ts';
import { callApi } from './api-client.ts';
import type { BuiltUi } from './built.ts';
import { chooseLang, LANG_COOKIE } from './i18n.ts';
import type { Api, Shell } from './shell.ts';

/** What pages are made with. */
export interface PagesDeps<Pages> {
  readonly ui: BuiltUi<Pages>;
  readonly api: Api;
  readonly now: () => number;
  /** Where the provider's page is; null but in development. */
  readonly sandboxUrl: string | null;
  /** What should never have happened, to be logged; the visitor sees a page that says sorry. */
  readonly report: (error: unknown) => void;
}

const YEAR_S = 365 * 24 * 3600;
type Status = 200 | 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503;

export class Visit<Pages> {
  readonly c: Context;
  readonly lang: Lang;
  readonly #deps: PagesDeps<Pages>;
  readonly #cookies: Map<string, string>;
  #session: SessionView | null | undefined;

  constructor(c: Context, deps: PagesDeps<Pages>) {
    this.c = c;
    this.#deps = deps;
    this.#cookies = new Map(Object.entries(getCookie(c)));
    const query = c.req.query('lang');
    this.lang = chooseLang({
      query,
      cookie: this.#cookies.get(LANG_COOKIE),
      acceptLanguage: c.req.header('accept-language'),
    });
    if (query === this.lang) {
      setCookie(c, LANG_COOKIE, query, { path: '/', maxAge: YEAR_S, sameSite: 'Lax' });
    }
  }

  /** Of the page, with its query but for the language. */
  get path(): string {
    const url = new URL(this.c.req.url);
    url.searchParams.delete('lang');
    return url.pathname + url.search;
  }

  get now(): number {
    return this.#deps.now();
  }

  /** Asks the API as this visitor. */
  call<N extends CallName>(name: N, wish: Wish<N>): Promise<Answer<N>> {
    return callApi((path, init) => this.#send(path, init), name, wish);
  }

  /** Who it is; begins a session where there is none. */
  async session(): Promise<SessionView> {
    this.#session ??= await this.call('GET /api/session', {});
    return this.#session;
  }

  /** The same for pages that can be read without one: null while the sessions are away. */
  async sessionIfAny(): Promise<SessionView | null> {
    if (this.#session === undefined) {
      await this.session().catch(() => (this.#session = null));
    }
    return this.#session ?? null;
  }

  /** The page as the answer. */
  async page<N extends keyof Pages & string>(
    name: N,
    data: Pages[N],
    status: Status = 200,
  ): Promise<Response> {
    const session = await this.sessionIfAny();
    const nonce = randomBytes(16).toString('base64');
    const { ui, sandboxUrl } = this.#deps;
    const shell: Shell = {
      lang: this.lang,
      nonce,
      path: this.path,
      session,
      now: this.now,
      sandboxUrl,
      assets: ui.assets,
    };
    return this.c.html(ui.render(name, data, shell), status, {
      'content-security-policy': policyOf(nonce),
      'content-language': this.lang,
      'cache-control': 'private, no-cache',
      vary: 'cookie, accept-language',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
  }

  /** After something was done: a reload does not do it again. */
  goTo(path: string): Response {
    return this.c.redirect(path, 303);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('accept-language', this.lang);
    if (this.#cookies.size > 0) {
      headers.set(
        'cookie',
        [...this.#cookies]
          .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
          .join('; '),
      );
    }
    for (const name of PASSED_ON) {
      const value = this.c.req.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    // At the host that was asked: where a request comes from is held against it.
    const address = new URL(path, this.c.req.url).href;
    const response = await this.#deps.api(address, { ...init, headers }, this.c.env);
    for (const line of response.headers.getSetCookie()) {
      this.c.header('set-cookie', line, { append: true });
      this.#remember(line);
    }
    return response;
  }

  #remember(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (/max-age=0\b/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, decodeURIComponent(pair.slice(at + 1)));
  }
}

/** Where a request comes from, and who asks: for its checks, limits and logs. */
const PASSED_ON = [
  'origin',
  'sec-fetch-site',
  'user-agent',
  'x-forwarded-for',
  'x-correlation-id',
  'traceparent',
];

/** Scripts and styles are this site's own; nothing is written into attributes. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
