import type { Dice } from './dice.ts';

/** Hue 0–360, saturation and lightness 0–100. */
type Hsl = readonly [h: number, s: number, l: number];

/** The colours of one picture. */
export interface Palette {
  readonly wall: string;
  readonly table: string;
  /** Of the thing itself, and its lit and shaded sides. */
  readonly main: string;
  readonly light: string;
  readonly dark: string;
  /** Labels, paper, the inside of a cup. */
  readonly paper: string;
  readonly accent: string;
  readonly wood: string;
  readonly woodDark: string;
  readonly steel: string;
  readonly ink: string;
}

const WALLS: readonly Hsl[] = [
  [38, 32, 90],
  [26, 28, 90],
  [80, 14, 88],
  [150, 12, 88],
  [200, 16, 89],
  [225, 14, 90],
  [345, 20, 92],
  [48, 30, 89],
];

const ACCENTS: readonly Hsl[] = [
  [10, 52, 55],
  [38, 62, 58],
  [220, 32, 44],
  [96, 24, 48],
  [340, 34, 62],
  [186, 26, 48],
];

/** What a product is made of or tastes of, in its English name. The first that fits. */
const NAMED: readonly (readonly [word: RegExp, colour: Hsl])[] = [
  [/\bdark green|pine green|oribe/i, [150, 28, 30]],
  [/\bindigo|navy/i, [218, 42, 34]],
  [/\bwhite|shampoo|conditioner/i, [40, 18, 94]],
  [/\bblack|charcoal|iron\b/i, [220, 6, 24]],
  [/\bgrey|whetstone|steel/i, [210, 6, 62]],
  [/hojicha|roasted stem|\bbrown|soy sauce|cola/i, [24, 38, 40]],
  [/barley|buckwheat|castella|caramel|amber/i, [32, 52, 50]],
  [/genmaicha|rice|natural|linen|canvas|hemp wax/i, [42, 34, 74]],
  [/matcha|sencha|gyokuro|kabusecha|\bgreen|mint|hemp leaf/i, [88, 32, 44]],
  [/bancha|cedar|hinoki|cherry|ginkgo|boxwood|bamboo/i, [32, 44, 66]],
  [/\bblue|waves|ai\b/i, [210, 44, 46]],
  [/sakura|pink|camellia/i, [346, 46, 72]],
  [/\bred\b|plum|azuki|black tea/i, [8, 50, 42]],
  [/yuzu|mustard|honey|beeswax|brass/i, [44, 66, 60]],
  [/sunset|orange|copper|ginger/i, [20, 58, 54]],
  [/chestnut|chocolate/i, [22, 36, 30]],
];

/** What a category's things look like when their names say nothing. */
const USUAL = new Map<string, readonly Hsl[]>(
  Object.entries<readonly Hsl[]>({
    tea: [
      [92, 26, 42],
      [150, 20, 38],
      [30, 34, 46],
    ],
    coffee: [
      [22, 30, 28],
      [14, 44, 38],
      [200, 22, 36],
      [36, 40, 46],
      [160, 18, 34],
    ],
    sweets: [
      [350, 32, 66],
      [34, 48, 58],
      [12, 38, 44],
      [92, 22, 54],
    ],
    ceramics: [
      [205, 20, 52],
      [30, 22, 58],
      [150, 14, 50],
    ],
    kitchen: [
      [28, 34, 50],
      [210, 10, 48],
      [160, 14, 42],
    ],
    bath: [
      [190, 24, 62],
      [44, 40, 72],
      [110, 16, 60],
    ],
    lighting: [
      [42, 46, 80],
      [30, 30, 60],
      [200, 12, 40],
    ],
    books: [
      [8, 44, 48],
      [214, 36, 36],
      [90, 22, 44],
      [40, 54, 58],
      [186, 24, 40],
      [340, 26, 56],
      [26, 24, 34],
    ],
  }),
);
const ANY: readonly Hsl[] = [
  [214, 30, 42],
  [16, 44, 52],
  [92, 20, 48],
  [40, 50, 60],
  [345, 28, 62],
];

/** Colours for a product: quiet, its own when its name has one, and a little different for every sku. */
export function paletteOf(category: string, name: string, dice: Dice): Palette {
  const named = NAMED.find(([word]) => word.test(name))?.[1];
  const usual = USUAL.get(category) ?? ANY;
  // A book's title says what it is about, not how it looks.
  const chosen = named !== undefined && category !== 'books' ? named : dice.pick(usual);
  const main = shifted(chosen, dice.between(-4, 4), dice.between(-2, 2));
  const wall = shifted(dice.pick(WALLS), dice.between(-8, 8), dice.between(-1.5, 1.5));
  // A white cup needs a wall that is not.
  const behind = main[2] > 84 ? lit(wall, -12) : wall;
  return {
    wall: hex(behind),
    table: hex(lit(behind, -8)),
    main: hex(main),
    light: hex(lit(main, 10)),
    dark: hex(lit(main, main[2] > 30 ? -11 : -8)),
    paper: hex([42, 34, 95]),
    accent: hex(shifted(dice.pick(ACCENTS), dice.between(-5, 5), 0)),
    wood: hex([31, 38, 66]),
    woodDark: hex([28, 34, 52]),
    steel: hex([210, 10, 76]),
    ink: hex([215, 10, 24]),
  };
}

function shifted([h, s, l]: Hsl, hue: number, lightness: number): Hsl {
  return [h + hue, s, Math.min(97, Math.max(6, l + lightness))];
}

function lit(colour: Hsl, by: number): Hsl {
  return shifted(colour, 0, by);
}

/** As hex: older renderers know no hsl(). */
function hex([h, s, l]: Hsl): string {
  const amount = (s / 100) * Math.min(l / 100, 1 - l / 100);
  const channel = (offset: number): string => {
    const k = (offset + ((h + 360) % 360) / 30) % 12;
    const value = l / 100 - amount * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
