/** What every page of both UIs is rendered with, and by: types only, for the server's side and the pages'. */
import type { Lang, SessionView } from '../contract.ts';

/** Addresses of the built files. */
export interface PageAssets {
  readonly styles: readonly string[];
  readonly script: string;
  /** What an island is made of, to be preloaded. */
  readonly ofIsland: (name: string) => readonly string[];
}

/** What a page knows besides its own data. */
export interface Shell {
  readonly lang: Lang;
  /** Of this answer's Content-Security-Policy. */
  readonly nonce: string;
  /** Of the page, with its query: for the language switch, and to come back after signing in. */
  readonly path: string;
  /** Null: not known, since the sessions are away. */
  readonly session: SessionView | null;
  readonly now: number;
  /** Where the provider's page is; development only. */
  readonly sandboxUrl: string | null;
  readonly assets: PageAssets;
}

/** Renders the page of a name with its data into a whole HTML document. */
export type Render<Pages> = <Name extends keyof Pages & string>(
  name: Name,
  data: Pages[Name],
  shell: Shell,
) => string;

/** Of what is behind `api`: `app.request` of Hono is one. It is given whole addresses. */
export type Api = (
  address: string,
  init: RequestInit,
  env: unknown,
) => Response | Promise<Response>;
