/** Sweets that are shown without what they come in. */
import { circle, dots, ellipse, faint, grid, path, rect, ring, stroke } from '../draw.ts';
import type { Shape } from '../kinds.ts';
import type { Palette } from '../palette.ts';

function dish(p: Palette): string {
  return ellipse(200, 232, 118, 14, p.woodDark) + faint(0.1, ellipse(200, 230, 96, 8, '#000'));
}

export const dorayaki: Shape = (p) =>
  dish(p) +
  rect(130, 206, 140, 22, '#b9763c', 11) +
  rect(136, 196, 128, 14, '#4b2a26', 7) +
  path('M128 200Q132 162 200 160Q268 162 272 200Z', '#c98a4b') +
  faint(0.2, ellipse(176, 176, 28, 7, '#fff'));

export const monaka: Shape = (p) =>
  dish(p) +
  rect(140, 190, 120, 24, '#4b2a26', 8) +
  path('M132 196Q136 160 166 160H234Q264 160 268 196Z', '#dcb780') +
  path('M132 208H268Q264 230 234 230H166Q136 230 132 208Z', '#cfa66c') +
  stroke('M200 166v20M188 170l24 12M212 170l-24 12', '#b98d54', 3);

/** Round and soft, a few of them. */
export const buns: Shape = (p, dice, name) => {
  const dough = /brown sugar/i.test(name) ? '#8a5a3a' : '#ebe1cf';
  const bean = /bean/i.test(name) ? dots(grid(182, 152, 3, 2, 18), 4, '#5a3536') : '';
  const bun = (x: number, y: number) =>
    path(
      `M${String(x - 46)} ${String(y)}q0 -52 46 -52t46 52q0 10 -14 10h-64q-14 0 -14 -10Z`,
      dough,
    );
  return (
    dish(p) +
    bun(146, 218) +
    bun(254, 218) +
    faint(0.08, rect(108, 219, 184, 9, '#000', 4)) +
    bun(200, dice.pick([182, 184, 186])) +
    bean
  );
};

/** Crackers, one leaning on the pile. */
export const crackers: Shape = (p, dice, name) => {
  const nori = /nori/i.test(name);
  const sugar = /sugar/i.test(name);
  return (
    dish(p) +
    rect(110, 214, 110, 13, '#a9692f', 6) +
    rect(114, 201, 110, 13, '#bb7a3b', 6) +
    rect(108, 188, 110, 13, '#a9692f', 6) +
    circle(250, 172, 54, '#c0803f') +
    ring(250, 172, 47, '#a9692f', dice.pick([2, 3])) +
    (nori ? rect(228, 122, 44, 101, '#2c3a30', 3) : '') +
    dots(
      grid(228, 150, 3, 3, 20),
      sugar ? 4 : 2.5,
      sugar ? '#f6efe2' : nori ? '#3c4d41' : '#8b5424',
    )
  );
};

/** A cake in the shape of a brick, and a slice of it. */
export const castella: Shape = (p, _dice, name) => {
  const crumb = /matcha/i.test(name) ? '#a3ae5c' : '#f0cf74';
  const crust = /matcha/i.test(name) ? '#5c5a2c' : '#7d4a26';
  return (
    rect(84, 232, 240, 9, p.wood, 4) +
    rect(100, 150, 142, 82, crumb) +
    rect(100, 144, 142, 14, crust, 2) +
    rect(100, 226, 142, 6, crust) +
    path('M256 162H306V232H256Z', crumb) +
    rect(256, 156, 50, 12, crust, 2) +
    rect(256, 226, 50, 6, crust)
  );
};
