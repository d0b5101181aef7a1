/** j and k walk, Enter opens, a takes on, Escape lets go, / searches: what a key means, given the rows and the chosen one. */

export interface KeyPress {
  readonly key: string;
  /** With Ctrl, Alt or Meta: the browser's. */
  readonly hasModifier: boolean;
  /** In a field, on a button, inside a dialog: theirs. */
  readonly isElsewhere: boolean;
}
export type KeyEffect =
  | { readonly type: 'choose'; readonly id: string | null }
  | { readonly type: 'open'; readonly id: string }
  | { readonly type: 'acknowledge'; readonly id: string }
  | { readonly type: 'search' };

/** Null: the key is not for the list. */
export function keyEffect(
  { key, hasModifier, isElsewhere }: KeyPress,
  ids: readonly string[],
  chosen: string | null,
): KeyEffect | null {
  if (hasModifier || isElsewhere) return null;
  const at = chosen === null ? -1 : ids.indexOf(chosen);
  switch (key) {
    case 'j': {
      const id = ids[Math.min(at + 1, ids.length - 1)];
      return id === undefined ? null : { type: 'choose', id };
    }
    case 'k': {
      const id = at === -1 ? ids.at(-1) : ids[Math.max(at - 1, 0)];
      return id === undefined ? null : { type: 'choose', id };
    }
    case 'Enter':
      return at === -1 ? null : { type: 'open', id: ids[at]! };
    case 'a':
      return at === -1 ? null : { type: 'acknowledge', id: ids[at]! };
    case 'Escape':
      return chosen === null ? null : { type: 'choose', id: null };
    case '/':
      return { type: 'search' };
    default:
      return null;
  }
}
