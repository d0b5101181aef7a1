/** Ceramics, and the pots and kettles of the kitchen. */
import type { Dice } from '../dice.ts';
import {
  circle,
  dots,
  ellipse,
  faint,
  grid,
  lines,
  path,
  placed,
  rect,
  ring,
  stroke,
} from '../draw.ts';
import type { Shape } from '../kinds.ts';
import type { Palette } from '../palette.ts';

export const cup: Shape = (p, dice) =>
  path('M156 132H244L237 226Q235 240 222 240H178Q165 240 163 226Z', p.main) +
  painted(p, dice, 164, 158, 72) +
  ellipse(200, 132, 44, 9, p.dark) +
  ellipse(200, 134, 37, 6, '#9aa75c');

export const pairOfCups: Shape = (p, dice) =>
  placed(-62, 0, 1, cup(p, dice, '')) +
  placed(94, 48, 0.8, cup({ ...p, main: p.accent }, dice, ''));

export const mug: Shape = (p, dice) =>
  stroke('M246 160Q284 158 280 186Q276 214 240 212', p.main, 13) +
  rect(148, 134, 100, 106, p.main, 14) +
  painted(p, dice, 156, 166, 84) +
  ellipse(198, 138, 50, 9, p.dark) +
  faint(0.16, rect(158, 152, 9, 74, '#fff', 4));

export const teapot: Shape = (p) =>
  stroke('M258 176L310 154', p.dark, 17) +
  path('M146 178Q122 172 112 140L128 136Q138 158 156 160Z', p.main) +
  ellipse(200, 190, 68, 50, p.main) +
  ellipse(200, 150, 42, 11, p.dark) +
  path('M160 149Q200 124 240 149Z', p.light) +
  circle(200, 131, 8, p.dark) +
  faint(0.14, ellipse(176, 182, 12, 26, '#fff'));

export const handlelessPot: Shape = (p) =>
  path('M136 166L108 148L128 190Z', p.main) +
  path('M126 168H274Q268 240 222 240H178Q132 240 126 168Z', p.main) +
  path('M140 166Q200 126 260 166Z', p.light) +
  circle(200, 140, 8, p.dark) +
  rect(126, 164, 148, 6, p.dark, 3);

export const bowl: Shape = (p, dice) =>
  rect(170, 228, 60, 12, p.dark, 2) +
  path('M122 154H278Q272 232 222 234H178Q128 232 122 154Z', p.main) +
  painted(p, dice, 142, 182, 116) +
  ellipse(200, 154, 78, 11, p.dark) +
  ellipse(200, 156, 70, 8, p.paper);

/** Straight-sided, as for whisking. */
export const teaBowl: Shape = (p, dice) =>
  rect(172, 230, 56, 10, p.dark, 2) +
  path('M130 144Q126 226 172 234H228Q274 226 270 144Z', p.main) +
  path(
    `M131 144H269L${String(dice.pick([262, 254]))} 168Q226 158 206 178Q176 196 134 164Z`,
    p.light,
  ) +
  ellipse(200, 144, 70, 11, p.dark) +
  ellipse(200, 147, 60, 7, '#8fa653');

export const plate: Shape = (p, dice, name) =>
  faint(0.1, circle(206, 158, 104, '#000')) +
  circle(200, 150, 104, p.main) +
  (/stripes/i.test(name)
    ? lines(
        Array.from({ length: 28 }, (_, i) => {
          const [x, y] = [Math.cos((i * Math.PI) / 14), Math.sin((i * Math.PI) / 14)];
          return [
            [200 + 70 * x, 150 + 70 * y],
            [200 + 98 * x, 150 + 98 * y],
          ] as const;
        }),
        p.paper,
        3,
      )
    : ring(200, 150, dice.pick([90, 94]), p.light, 4)) +
  circle(200, 150, 64, p.light) +
  ring(200, 150, 64, p.dark, 1.5);

export const tinyDishes: Shape = (p) =>
  [
    [128, 106],
    [204, 92],
    [276, 126],
    [160, 190],
    [244, 206],
  ]
    .map(([x, y], i) => {
      const [dish, motif] = i % 2 === 0 ? [p.paper, p.main] : [p.main, p.paper];
      return circle(x!, y!, 37, dish) + ring(x!, y!, 30, motif, 1.5) + circle(x!, y!, 9 + i, motif);
    })
    .join('');

export const vase: Shape = (p, dice) => {
  const lean = dice.pick([-26, -14, 18, 28]);
  return (
    stroke(`M200 150Q${String(200 + lean / 3)} 90 ${String(200 + lean)} 42`, p.woodDark, 3) +
    [
      [0.3, 96],
      [0.9, 70],
      [1, 44],
      [0.5, 118],
    ]
      .map(([part, y], i) =>
        ellipse(200 + lean * part! + (i % 2 ? 14 : -14), y!, 12, 6, i % 2 ? '#7f9268' : p.accent),
      )
      .join('') +
    path(
      'M188 138H212L213 166Q250 184 246 216Q242 240 222 240H178Q158 240 154 216Q150 184 187 166Z',
      p.main,
    ) +
    ellipse(200, 138, 12, 4, p.dark) +
    faint(0.16, ellipse(176, 206, 8, 20, '#fff'))
  );
};

export const clayPot: Shape = (p) =>
  rect(96, 172, 208, 18, p.dark, 9) +
  path('M112 176H288Q284 240 236 240H164Q116 240 112 176Z', p.dark) +
  path('M108 174Q120 112 200 110Q280 112 292 174Z', p.main) +
  rect(182, 92, 36, 22, p.dark, 8) +
  stroke('M128 160Q200 148 272 160', p.light, 3) +
  circle(250, 142, 4, p.ink);

/** Mortar and pestle. */
export const mortar: Shape = (p) =>
  stroke('M212 160L274 70', p.wood, 17) +
  path('M118 152H282Q268 236 224 240H176Q132 236 118 152Z', p.main) +
  ellipse(200, 152, 82, 13, p.dark) +
  lines(
    [140, 164, 188, 212, 236, 260].map(
      (x) =>
        [
          [x, 150],
          [x * 0.8 + 40, 158],
        ] as const,
    ),
    p.light,
    2,
  ) +
  rect(126, 170, 148, 8, p.dark, 4);

export const kettle: Shape = (p, dice) => {
  const knob = dice.pick([8, 9, 10]);
  return (
    stroke('M150 140Q154 78 200 78Q246 78 250 140', p.woodDark, 9) +
    path('M140 200L98 156L116 148L160 176Z', p.main) +
    path('M132 226Q134 138 200 136Q266 138 268 226Q268 240 254 240H146Q132 240 132 226Z', p.main) +
    ellipse(200, 140, 36, 8, p.dark) +
    circle(200, 131, knob, p.woodDark) +
    faint(0.2, path('M150 216Q152 168 176 154Q164 176 164 220Z', '#fff'))
  );
};

/** Of cast iron, with rows of dots. */
export const tetsubin: Shape = (p) =>
  stroke('M146 150Q140 72 200 72Q260 72 254 150', p.dark, 8) +
  path('M138 190L102 160L114 148L158 168Z', p.main) +
  ellipse(200, 192, 76, 48, p.main) +
  dots(grid(146, 176, 9, 3, 13), 2.2, p.light) +
  ellipse(200, 148, 38, 9, p.dark) +
  circle(200, 138, 8, p.light);

/** With a spout like a swan's neck. */
export const dripKettle: Shape = (p) =>
  stroke('M156 216Q104 214 120 160Q128 128 96 122', p.main, 9) +
  stroke('M244 140Q300 132 292 182Q288 214 260 216', p.ink, 10) +
  path('M156 136H244L258 240H142Z', p.main) +
  path('M226 136H244L258 240H234Z', p.dark) +
  rect(150, 128, 100, 12, p.dark, 4) +
  circle(200, 118, 9, p.ink);

export const saucepan: Shape = (p) =>
  rect(262, 160, 108, 13, p.wood, 6) +
  path('M122 148H268L260 228Q258 240 246 240H144Q132 240 130 228Z', p.steel) +
  path('M122 148L98 140L124 162Z', p.steel) +
  dots(grid(146, 178, 7, 4, 17), 3, p.paper) +
  ellipse(195, 148, 74, 10, p.dark);

export const glassServer: Shape = (p) =>
  stroke('M250 158Q296 158 288 196Q284 220 254 220', p.steel, 8) +
  faint(0.65, path('M170 122H230L262 220Q264 240 246 240H154Q136 240 138 220Z', '#fff')) +
  path('M148 194H252L258 220Q260 234 244 234H156Q140 234 142 220Z', '#5a3b28') +
  rect(164, 110, 72, 15, p.ink, 4);

/** A cone on its stand, over a cup. */
export const dripper: Shape = (p) =>
  path('M142 96H258L218 168H182Z', p.main) +
  rect(160, 164, 80, 10, p.dark, 4) +
  lines(
    [168, 184, 200, 216, 232].map(
      (x) =>
        [
          [x, 106],
          [200 + (x - 200) * 0.4, 158],
        ] as const,
    ),
    p.dark,
    3,
  ) +
  ellipse(200, 96, 58, 9, p.dark) +
  path('M160 176H240L234 230Q232 240 222 240H178Q168 240 166 230Z', p.paper) +
  stroke('M240 190Q264 192 258 212Q252 224 236 222', p.paper, 8);

/** What a potter may have painted around a vessel. */
function painted(p: Palette, dice: Dice, x: number, y: number, w: number): string {
  const way = dice.pick(['band', 'bands', 'dots', 'stripes', 'wave'] as const);
  switch (way) {
    case 'band':
      return rect(x, y + 10, w, 14, p.light, 2);
    case 'bands':
      return rect(x, y + 4, w, 4, p.light) + rect(x, y + 14, w, 8, p.light);
    case 'dots':
      return dots(grid(x + 10, y + 6, Math.floor(w / 16) - 1, 2, 16), 3.5, p.light);
    case 'stripes':
      return lines(
        Array.from(
          { length: Math.floor(w / 12) - 1 },
          (_, i) =>
            [
              [x + 12 + i * 12, y],
              [x + 12 + i * 12, y + 34],
            ] as const,
        ),
        p.light,
        3,
      );
    case 'wave':
      return stroke(
        `M${String(x + 6)} ${String(y + 16)}q${String(w / 8)} -16 ${String(w / 4 - 3)} 0t${String(w / 4 - 3)} 0t${String(w / 4 - 3)} 0t${String(w / 4 - 3)} 0`,
        p.light,
        4,
      );
  }
}
