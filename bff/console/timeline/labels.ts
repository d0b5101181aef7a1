/**
 * Where the texts beside marks go: as near to their mark as they can, in as many rows as it takes for none to touch
 * another. L1: no two overlap. L2: none leaves the picture (unless it is wider than that). L3: the order handed in decides who is
 * nearest.
 */

export interface LabelWish {
  readonly x: number;
  readonly width: number;
}
export interface LabelPlace {
  readonly left: number;
  /** 0 is next to the line. */
  readonly row: number;
}

export function placeLabels(
  wishes: readonly LabelWish[],
  { left, right, gap }: { readonly left: number; readonly right: number; readonly gap: number },
): readonly LabelPlace[] {
  const rows: { left: number; right: number }[][] = [];
  return wishes.map(({ x, width }) => {
    const start = Math.max(left, Math.min(x - width / 2, right - width));
    const isFree = (row: readonly { left: number; right: number }[]) =>
      row.every((other) => start + width + gap <= other.left || start >= other.right + gap);
    const free = rows.findIndex(isFree);
    const row = free === -1 ? rows.length : free;
    (rows[row] ??= []).push({ left: start, right: start + width });
    return { left: start, row };
  });
}

/** About how wide a text is drawn: where it is laid out, nothing can measure it. Rather too much than too little. */
export function textWidth(text: string, fontSize: number): number {
  let ems = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0x1100) ems += 1.02;
    else if (/[A-Z_@mwMW]/.test(character)) ems += 0.72;
    else ems += 0.58;
  }
  return Math.ceil(ems * fontSize);
}
