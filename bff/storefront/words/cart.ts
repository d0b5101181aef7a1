import type { Words } from '../../web/i18n.ts';

interface CartWords {
  readonly lines: string;
  readonly removed: (name: string) => string;
  readonly undo: string;
  readonly failed: string;
  readonly each: (price: string) => string;
  readonly problems: Readonly<
    Record<'gone' | 'sold-out' | 'too-many', (available: number) => string>
  >;
  readonly quantityOf: (name: string) => string;
  readonly update: string;
  readonly remove: string;
  readonly removeOne: (name: string) => string;
  readonly summary: string;
  readonly total: string;
  readonly included: string;
  readonly checkout: string;
  readonly blocked: string;
  readonly goOn: string;
  readonly empty: string;
  readonly toCatalogue: string;
}

export const cartWords: Words<CartWords> = {
  ja: {
    lines: 'カートの商品',
    removed: (name) => `「${name}」をカートから削除しました。`,
    undo: '元に戻す',
    failed: '変更できませんでした。もう一度お試しください。',
    each: (price) => `単価 ${price}`,
    problems: {
      gone: () => '販売を終了しました。削除してください。',
      'sold-out': () => '売り切れです。削除してください。',
      'too-many': (available) => `在庫は残り${String(available)}点です。数量を減らしてください。`,
    },
    quantityOf: (name) => `「${name}」の数量`,
    update: '変更',
    remove: '削除',
    removeOne: (name) => `「${name}」を削除`,
    summary: 'ご注文の合計',
    total: '合計',
    included: '消費税・送料込み',
    checkout: 'ご注文手続きへ',
    blocked: '印のついた商品を直すと、ご注文に進めます。',
    goOn: '買い物を続ける',
    empty: 'カートは空です。気になる商品を探してみませんか。',
    toCatalogue: '商品を見る',
  },
  en: {
    lines: 'In your cart',
    removed: (name) => `${name} was removed.`,
    undo: 'Undo',
    failed: 'That could not be changed. Please try again.',
    each: (price) => `${price} each`,
    problems: {
      gone: () => 'No longer sold. Please remove it.',
      'sold-out': () => 'Sold out. Please remove it.',
      'too-many': (available) => `Only ${String(available)} left. Please choose fewer.`,
    },
    quantityOf: (name) => `Quantity of ${name}`,
    update: 'Update',
    remove: 'Remove',
    removeOne: (name) => `Remove ${name}`,
    summary: 'Your total',
    total: 'Total',
    included: 'Tax and shipping included',
    checkout: 'Check out',
    blocked: 'Change the marked items, then you can check out.',
    goOn: 'Continue shopping',
    empty: 'Your cart is empty. Shall we find something?',
    toCatalogue: 'See all products',
  },
};
