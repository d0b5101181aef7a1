/** What is drawn for a product: the first words of its English name that fit, else what its category mostly has. */
import type { Dice } from './dice.ts';
import type { Palette } from './palette.ts';
import * as bath from './shapes/bath.ts';
import * as cloth from './shapes/cloth.ts';
import * as food from './shapes/food.ts';
import * as light from './shapes/light.ts';
import * as packages from './shapes/packages.ts';
import * as paper from './shapes/paper.ts';
import * as tools from './shapes/tools.ts';
import * as vessels from './shapes/vessels.ts';

/** Draws a thing around the middle of the canvas; one that stands does so at y = 240. */
export type Shape = (palette: Palette, dice: Dice, name: string) => string;

export interface Kind {
  /** On a table before a wall, or against the wall alone: lying, seen from above, or hung up. */
  readonly pose: 'stands' | 'flat';
  readonly draw: Shape;
}

const stands = (draw: Shape): Kind => ({ pose: 'stands', draw });
const flat = (draw: Shape): Kind => ({ pose: 'flat', draw });

type Kinds = readonly (readonly [words: RegExp, kind: Kind])[];
const ANY = /(?:)/;

const KINDS = new Map<string, Kinds>(
  Object.entries<Kinds>({
    tea: [
      [/gift/i, stands(packages.gift)],
      [/\btin\b/i, stands(packages.tin)],
      [/box of|30 bags/i, stands(packages.teaBagBox)],
      [ANY, stands(packages.leafBag)],
    ],
    coffee: [
      [/gift/i, stands(packages.gift)],
      [/\btin\b/i, stands(packages.tin)],
      [/bottle/i, stands(packages.bottle)],
      [/dripper/i, stands(vessels.dripper)],
      [/filters/i, flat(tools.filters)],
      [/server/i, stands(vessels.glassServer)],
      [/kettle/i, stands(vessels.dripKettle)],
      [/mill/i, stands(tools.mill)],
      [/scoop/i, flat(tools.scoop)],
      [/box of/i, stands(packages.sachetBox)],
      [ANY, stands(packages.beanBag)],
    ],
    sweets: [
      [/\bjar\b/i, stands(packages.jar)],
      [/monaka/i, stands(food.monaka)],
      [/\bbar\b/i, flat(packages.bar)],
      [/dorayaki/i, stands(food.dorayaki)],
      [/buns|daifuku/i, stands(food.buns)],
      [/crackers/i, stands(food.crackers)],
      [/castella/i, stands(food.castella)],
      [/\bbag\b/i, stands(packages.snackBag)],
      [ANY, flat(packages.openBox)],
    ],
    ceramics: [
      [/pair of tea cups/i, stands(vessels.pairOfCups)],
      [/mug/i, stands(vessels.mug)],
      [/handleless/i, stands(vessels.handlelessPot)],
      [/teapot/i, stands(vessels.teapot)],
      [/matcha bowl/i, stands(vessels.teaBowl)],
      [/bowl/i, stands(vessels.bowl)],
      [/dishes/i, flat(vessels.tinyDishes)],
      [/plate/i, flat(vessels.plate)],
      [/vase/i, stands(vessels.vase)],
      [/pot\b/i, stands(vessels.clayPot)],
      [ANY, stands(vessels.cup)],
    ],
    kitchen: [
      [/knife/i, flat(tools.knife)],
      [/whetstone/i, stands(tools.whetstone)],
      [/board/i, flat(tools.board)],
      [/omelette/i, flat(tools.omelettePan)],
      [/frying/i, flat(tools.fryingPan)],
      [/saucepan/i, stands(vessels.saucepan)],
      [/iron kettle/i, stands(vessels.tetsubin)],
      [/kettle/i, stands(vessels.kettle)],
      [/chopsticks/i, flat(tools.chopsticks)],
      [/spoon/i, flat(tools.spoon)],
      [/ladle/i, flat(tools.ladle)],
      [/grater/i, flat(tools.grater)],
      [/mortar/i, stands(vessels.mortar)],
      [/lunch box/i, stands(tools.lunchBox)],
      [/\bjar\b/i, stands(packages.jar)],
      [/\btin\b/i, stands(packages.riceTin)],
      [ANY, stands(vessels.bowl)],
    ],
    stationery: [
      [/money envelopes/i, flat(paper.moneyEnvelopes)],
      [/letter/i, flat(paper.letters)],
      [/memo/i, flat(paper.memoPads)],
      [/\bink\b/i, stands(packages.inkBottle)],
      [/pencil/i, flat(tools.pencils)],
      [/\bpen\b/i, flat(tools.pen)],
      [/eraser/i, flat(tools.eraser)],
      [/ruler/i, flat(tools.ruler)],
      [/scissors/i, flat(tools.scissors)],
      [/tape/i, flat(tools.tapes)],
      [/stamp/i, stands(tools.stamp)],
      [ANY, flat(paper.notebook)],
    ],
    textiles: [
      [/tenugui/i, flat(cloth.tenugui)],
      [/furoshiki/i, stands(cloth.furoshiki)],
      [/apron/i, flat(cloth.apron)],
      [/cushion/i, flat(cloth.cushion)],
      [/socks/i, flat(cloth.socks)],
      [/tote/i, stands(cloth.tote)],
      [ANY, stands(cloth.folded)],
    ],
    bath: [
      [/soap/i, stands(bath.soap)],
      [/\bjar\b/i, stands(packages.jar)],
      [/sachets/i, stands(packages.sachetBox)],
      [/shampoo|conditioner|wash/i, stands(packages.pump)],
      [/bottle/i, stands(packages.bottle)],
      [/tube/i, stands(packages.tube)],
      [/bucket/i, stands(bath.bucket)],
      [/stool/i, stands(bath.stool)],
      [/toothbrush/i, flat(tools.toothbrushes)],
      [/nail brush/i, stands(tools.brush)],
      [/brush/i, flat(tools.brush)],
      [/sponge/i, stands(bath.sponge)],
      [/comb/i, flat(tools.comb)],
      [/\bmat\b/i, flat(cloth.mat)],
      [ANY, stands(cloth.folded)],
    ],
    lighting: [
      [/desk lamp/i, stands(light.deskLamp)],
      [/round/i, stands(light.moonLamp)],
      [/cedar/i, stands(light.woodenLamp)],
      [/andon/i, stands(light.andon)],
      [/washi floor/i, stands(light.columnLamp)],
      [/floor lamp/i, stands(light.armLamp)],
      [/washi pendant/i, flat(light.paperPendant)],
      [/glass pendant/i, flat(light.glassPendant)],
      [/pendant/i, flat(light.pendant)],
      [/rechargeable/i, stands(light.campLantern)],
      [/lantern/i, stands(light.lantern)],
      [/candle stand/i, stands(light.candleStand)],
      [/candle/i, stands(light.candles)],
      [/bulb/i, stands(light.bulb)],
      [ANY, stands(light.tableLamp)],
    ],
    books: [[ANY, stands(paper.book)]],
  }),
);

/** For a category that nobody has drawn yet. */
const PARCEL = stands(packages.gift);

export function kindOf(category: string, name: string): Kind {
  return KINDS.get(category)?.find(([words]) => words.test(name))?.[1] ?? PARCEL;
}
