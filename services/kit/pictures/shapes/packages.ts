/** What things come in: tins, bags, boxes, bottles, jars. */
import { circle, dots, ellipse, faint, grid, lines, path, rect, ring, stroke } from '../draw.ts';
import type { Shape } from '../kinds.ts';

export const tin: Shape = (p, dice) => {
  const h = dice.pick([104, 120, 134]);
  const y = 240 - h;
  return (
    rect(148, y, 104, h, p.main, 4) +
    rect(144, y - 18, 112, 28, p.dark, 5) +
    rect(148, y + h * 0.42, 104, 40, p.paper) +
    circle(200, y + h * 0.42 + 20, 10, p.accent) +
    faint(0.14, rect(158, y - 18, 12, h + 18, '#fff'))
  );
};

export const riceTin: Shape = (p) =>
  rect(120, 92, 160, 148, p.steel, 6) +
  rect(114, 76, 172, 26, p.woodDark, 4) +
  rect(120, 140, 160, 6, p.paper) +
  rect(168, 162, 64, 48, p.paper, 2) +
  stroke('M200 172v28M186 186h28M190 175l20 22M210 175l-20 22', p.accent, 4);

/** A bag of leaves. */
export const leafBag: Shape = (p, dice) =>
  bag(p, dice) +
  path('M176 186Q182 156 214 152Q218 182 184 194Z', p.accent) +
  stroke('M180 194Q194 174 208 160', p.paper, 2);

/** A bag of coffee beans. */
export const beanBag: Shape = (p, dice) =>
  bag(p, dice) +
  ellipse(190, 166, 12, 16, p.dark) +
  stroke('M190 152q-8 14 0 28', p.paper, 2) +
  ellipse(212, 184, 11, 14, p.dark) +
  stroke('M212 172q-6 12 0 24', p.paper, 2);

/** A bag with a window, for what is nibbled. */
export const snackBag: Shape = (p, dice) => {
  const step = dice.pick([16, 18, 20]);
  return (
    path('M142 88H258L266 240H134Z', p.main) +
    rect(142, 80, 116, 18, p.dark) +
    rect(158, 148, 84, 68, p.paper, 34) +
    dots(grid(200 - step * 1.5, 170, 3, 2, step), 8, p.woodDark) +
    rect(176, 112, 48, 10, p.accent, 5)
  );
};

function bag(p: Parameters<Shape>[0], dice: Parameters<Shape>[1]): string {
  const top = dice.pick([74, 88, 100]);
  return (
    path(`M146 ${String(top)}H254L262 240H138Z`, p.main) +
    path(`M226 ${String(top)}H254L262 240H232Z`, p.dark) +
    rect(146, top - 8, 108, 16, p.light) +
    rect(160, 138, 80, 72, p.paper, 3)
  );
}

/** A folding box, with a bag on a string. */
export const teaBagBox: Shape = (p, dice) =>
  carton(p) +
  circle(205, 184, 26, p.paper) +
  path('M192 192Q196 172 218 170Q220 190 198 198Z', p.accent) +
  stroke(`M150 140Q124 ${String(dice.pick([150, 165, 180]))} 116 206`, p.paper, 2) +
  rect(102, 206, 28, 30, p.paper, 2) +
  rect(109, 214, 14, 14, p.accent, 7);

export const carton = (p: Parameters<Shape>[0]): string =>
  path('M144 134L162 114H286L266 134Z', p.light) +
  path('M266 134L286 114V222L266 240Z', p.dark) +
  rect(144, 134, 122, 106, p.main);

export const sachetBox: Shape = (p, dice) =>
  carton(p) +
  rect(144, 158, 122, 44, p.paper) +
  stroke(`M168 180q10 -${String(dice.pick([12, 16]))} 20 0t20 0t20 0`, p.accent, 4);

/** A box tied for somebody. */
export const gift: Shape = (p) =>
  rect(118, 142, 164, 98, p.paper, 2) +
  rect(110, 122, 180, 30, p.main, 3) +
  rect(192, 122, 16, 118, p.accent) +
  stroke('M200 122Q160 84 158 110Q160 122 200 122Q240 122 242 110Q240 84 200 122', p.accent, 6);

/** A flat box, open, with a grid of small things in it. */
export const openBox: Shape = (p, dice) => {
  const r = dice.pick([13, 15, 16]);
  return (
    rect(96, 70, 208, 160, p.wood, 6) +
    rect(106, 80, 188, 140, p.paper, 3) +
    dots(
      [106, 150, 194].flatMap((y) => [132, 177, 222, 267].map((x) => [x, y] as const)),
      r,
      p.main,
    ) +
    dots(
      [106, 150, 194].flatMap((y) => [132, 222].map((x) => [x, y] as const)),
      r - 8,
      p.light,
    )
  );
};

export const bottle: Shape = (p, dice) => {
  const top = dice.pick([110, 122, 134]);
  return (
    rect(184, top - 34, 32, 24, p.woodDark, 4) +
    rect(189, top - 14, 22, 30, p.dark) +
    rect(160, top, 80, 240 - top, p.main, 14) +
    rect(160, 164, 80, 50, p.paper) +
    circle(200, 189, 12, p.accent) +
    faint(0.16, rect(168, top + 8, 9, 224 - top, '#fff', 4))
  );
};

export const pump: Shape = (p) =>
  stroke('M200 112V84H168', p.woodDark, 8) +
  rect(182, 104, 36, 18, p.woodDark, 3) +
  rect(156, 120, 88, 120, p.main, 12) +
  rect(170, 158, 60, 56, p.paper, 2) +
  path('M200 168c18 14 14 34 0 36c-14 -2 -18 -22 0 -36Z', p.accent);

export const inkBottle: Shape = (p) =>
  rect(172, 140, 56, 32, p.ink, 4) +
  faint(0.6, rect(146, 166, 108, 74, '#fff', 14)) +
  rect(153, 186, 94, 47, p.main, 9) +
  rect(174, 194, 52, 26, p.paper, 2) +
  stroke('M184 210q8 -10 14 0t16 -3', p.main, 3);

export const jar: Shape = (p, dice) =>
  rect(150, 104, 100, 24, p.wood, 5) +
  faint(0.6, rect(144, 126, 112, 114, '#fff', 16)) +
  rect(151, 158, 98, 75, p.main, 11) +
  dots(grid(168, 176, 4, 3, dice.pick([18, 20])), 5, p.light) +
  dots(grid(176, 182, 3, 2, 26), 4, p.accent);

export const tube: Shape = (p, dice) =>
  path('M156 84H244L232 212H168Z', p.main) +
  rect(152, 72, 96, 16, p.dark, 2) +
  rect(166, 210, 68, 30, p.paper, 4) +
  circle(200, 150, dice.pick([18, 20, 22]), p.paper) +
  stroke('M190 150q10 -16 20 0q-10 12 -20 0', p.accent, 3);

/** A bar in its wrapper, cut open at one end. */
export const bar: Shape = (p, dice) =>
  faint(0.1, rect(86, 130, 240, 62, '#000', 6)) +
  rect(80, 122, 240, 60, p.main, 4) +
  rect(130, 116, 190, 72, p.paper, 3) +
  rect(dice.pick([196, 210, 224]), 116, 40, 72, p.accent) +
  lines(
    [
      [
        [100, 130],
        [100, 174],
      ],
    ],
    p.light,
    2,
  ) +
  ring(164, 152, 14, p.main, 4);
