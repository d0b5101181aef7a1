/** Japanese or English: which one a visitor gets, and how a component comes by its words. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Lang } from '../contract.ts';

export const LANGS: readonly Lang[] = ['ja', 'en'];
export const LANG_COOKIE = 'lang';

/**
 * The language of a visit: asked for in the address, else chosen before, else the browser's first that we speak.
 *
 * @example
 * chooseLang({ acceptLanguage: 'de, en;q=0.8, ja;q=0.5' }); // 'en'
 */
export function chooseLang(wish: {
  readonly query?: string | undefined;
  readonly cookie?: string | undefined;
  readonly acceptLanguage?: string | undefined;
}): Lang {
  return (
    known(wish.query) ?? known(wish.cookie) ?? firstAccepted(wish.acceptLanguage ?? '') ?? 'ja'
  );
}

function firstAccepted(header: string): Lang | undefined {
  return header
    .split(',')
    .slice(0, 20)
    .map((each) => {
      const [tag = '', ...parameters] = each.trim().toLowerCase().split(';');
      const q = parameters.find((parameter) => parameter.trim().startsWith('q='));
      return { tag, weight: q === undefined ? 1 : Number(q.trim().slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => known(tag.split('-')[0]))
    .find((lang) => lang !== undefined);
}

function known(text: string | undefined): Lang | undefined {
  return LANGS.find((lang) => lang === text);
}

/** Of the page; an island gets it from `<html lang>`. */
export const LangContext = createContext<Lang>('ja');

export const useLang = (): Lang => useContext(LangContext);

/** Words of a component, in both languages; English has to have all that Japanese has. */
export type Words<T> = Readonly<Record<Lang, T>>;

/**
 * The words of a component in the language of the page.
 *
 * @example
 * const words = { ja: { hello: 'こんにちは' }, en: { hello: 'Hello' } };
 * function Greeting() { return <p>{useWords(words).hello}</p>; }
 */
export function useWords<T>(words: Words<T>): T {
  return words[useLang()];
}
