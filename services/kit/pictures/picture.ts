/**
 * A picture of a product, drawn from its name and number alone: calm, flat, 4:3, without text.
 *
 * P1. The same product gives the same picture, on every machine and for ever: it can be cached by its sku.
 * P2. A picture is well-formed whatever the name is, and less than 2 KB.
 */
import { Dice } from './dice.ts';
import { ellipse, faint, placed, rect } from './draw.ts';
import { kindOf } from './kinds.ts';
import { paletteOf } from './palette.ts';

export interface PicturedProduct {
  readonly sku: string;
  readonly category: string;
  /** In English, since what is drawn follows from its words. */
  readonly name: string;
  /** What is read out instead of the picture; default: the name. */
  readonly title?: string;
}

/**
 * The product's picture as an SVG document.
 *
 * @example
 * pictureOf({ sku: 'TEA-SENCHA-100', category: 'tea', name: 'Sencha from Shizuoka', title: '煎茶 静岡' });
 */
export function pictureOf({ sku, category, name, title = name }: PicturedProduct): string {
  const dice = new Dice(sku);
  const palette = paletteOf(category, name, dice);
  const { pose, draw } = kindOf(category, name);
  const thing = draw(palette, dice, name);
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" role="img">' +
    `<title>${escaped(title)}</title>` +
    rect(0, 0, 400, 300, palette.wall) +
    (pose === 'stands' ? rect(0, 218, 400, 82, palette.table) + standing(thing) : thing) +
    '</svg>'
  );
}

/** Larger than it was drawn, with both feet still at y = 240. */
function standing(thing: string): string {
  return placed(-24, -28.8, 1.12, faint(0.12, ellipse(206, 241, 104, 9, '#000')) + thing);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** What XML has no way to write. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const MAX_TITLE = 120;

function escaped(text: string): string {
  return text
    .slice(0, MAX_TITLE)
    .toWellFormed()
    .replace(FORBIDDEN, '')
    .replace(/[&<>]/g, (each) => ENTITIES[each]!);
}
