/**
 * What is done to texts before they are searched. The search engine's core knows no Japanese and no stems (both come with
 * plugins and modules that not every distribution has), so widths are made one here, and a word's other number is asked for, too.
 */

/** A language of the catalogue. */
export type Lang = 'ja' | 'en';

/** The longest query that makes sense; what is beyond is cut off. */
const MAX_QUERY = 200;
const MAX_WORDS = 10;
/** Ways into a name by which it is suggested. */
const MAX_INPUTS = 10;

/**
 * The form in which a text is indexed, and asked for: one width (ﾃﾞｽｸ is デスク), composed, without control characters.
 *
 * Characters outside of Unicode's first plane become blanks on both sides: the engine's tokenizer, told to cut at every
 * character, ends at the first surrogate. 𠮷野家 is found as 野家.
 */
export function searchable(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u{10000}-\u{10FFFF}]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** What is looked for, word by word; Japanese without blanks is one word. */
export function queryWords(q: string): string[] {
  const words = searchable(q.slice(0, MAX_QUERY)).split(' ').slice(0, MAX_WORDS);
  return words.filter((word) => word !== '');
}

/** Whether a word can only be Latin (with digits and signs), so that the rules for Japanese say nothing about it. */
export function isLatin(word: string): boolean {
  return /^[\p{Script=Latin}\p{Script=Common}]+$/u.test(word) && !/[\u3000-\u30ff]/u.test(word);
}

/**
 * An English word in singular and plural, itself first.
 *
 * @example
 * inflections('batteries'); // batteries, battery
 * inflections('cup'); // cup, cups
 */
export function inflections(word: string): string[] {
  const lower = word.toLowerCase();
  if (!/^[a-z]{3,}$/.test(lower)) return [lower];
  return [lower, singularOf(lower) ?? pluralOf(lower)];
}

function singularOf(word: string): string | undefined {
  if (/[^aeiou]ies$/.test(word)) return word.replace(/ies$/, 'y');
  if (/(ch|sh|ss|x|z)es$/.test(word)) return word.slice(0, -2);
  if (/[^siu]s$/.test(word)) return word.slice(0, -1);
  return undefined;
}

function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, 'ies');
  return /(ch|sh|s|x|z)$/.test(word) ? `${word}es` : `${word}s`;
}

const SEGMENTERS = {
  ja: new Intl.Segmenter('ja', { granularity: 'word' }),
  en: new Intl.Segmenter('en', { granularity: 'word' }),
};

/**
 * What one may begin to type to be suggested a name: the name, and what is left of it from each word on.
 *
 * @example
 * suggestInputs('Kyoto green tea', 'en'); // Kyoto green tea, green tea, tea
 */
export function suggestInputs(name: string, lang: Lang): string[] {
  const text = searchable(name);
  const inputs = new Set<string>();
  for (const { index, isWordLike } of SEGMENTERS[lang].segment(text)) {
    if (isWordLike) inputs.add(text.slice(index));
    if (inputs.size === MAX_INPUTS) break;
  }
  return [...inputs];
}
