/** Texts with what was found in them. */
export interface Piece {
  readonly text: string;
  readonly isMarked: boolean;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
  '&#x2F;': '/',
};

/**
 * The pieces of a highlight, as text: nothing of it gets into the page as HTML, whatever it is.
 *
 * @example
 * piecesOf('<mark>Sencha</mark> &amp; cake');
 * // [{ text: 'Sencha', isMarked: true }, { text: ' & cake', isMarked: false }]
 */
export function piecesOf(highlight: string): Piece[] {
  let isMarked = false;
  const pieces: Piece[] = [];
  for (const part of highlight.split(/(<\/?mark>)/)) {
    if (part === '<mark>') isMarked = true;
    else if (part === '</mark>') isMarked = false;
    else if (part !== '') pieces.push({ text: plain(part), isMarked });
  }
  return pieces;
}

function plain(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|#x27|#x2F);/g, (entity) => ENTITIES[entity] ?? entity);
}
