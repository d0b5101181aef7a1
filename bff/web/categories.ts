/** What a category is called; events and the API carry its id only. A test compares with the catalogue. */
import type { Lang } from '../contract.ts';

export const CATEGORIES: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
  tea: { ja: 'お茶', en: 'Tea' },
  coffee: { ja: 'コーヒー', en: 'Coffee' },
  sweets: { ja: 'お菓子', en: 'Sweets' },
  ceramics: { ja: 'うつわ', en: 'Ceramics' },
  kitchen: { ja: '台所道具', en: 'Kitchen' },
  stationery: { ja: '文房具', en: 'Stationery' },
  textiles: { ja: '布もの', en: 'Textiles' },
  bath: { ja: 'お風呂と身だしなみ', en: 'Bath' },
  lighting: { ja: '灯り', en: 'Lighting' },
  books: { ja: '本', en: 'Books' },
};

/** One that is not known yet goes by its id. */
export function categoryName(category: string, lang: Lang): string {
  return Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category]![lang] : category;
}
