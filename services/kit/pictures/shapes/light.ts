/** Lamps, lanterns, candles; their light is a pale glow. */
import { circle, ellipse, faint, lines, path, rect, ring, stroke } from '../draw.ts';
import type { Shape } from '../kinds.ts';

const GLOW = '#ffe9b0';
const PAPER = '#fdf3dc';

const glow = (x: number, y: number, r: number): string =>
  faint(0.28, circle(x, y, r, GLOW)) + faint(0.35, circle(x, y, r * 0.68, GLOW));

export const deskLamp: Shape = (p) =>
  faint(0.4, path('M214 128L158 238H330L286 118Z', GLOW)) +
  rect(92, 228, 96, 12, p.main, 6) +
  stroke('M138 228L116 136L214 78', p.dark, 7) +
  circle(116, 136, 9, p.main) +
  path('M196 92L252 56L296 118L210 134Z', p.main) +
  path('M210 134L296 118L293 126L213 141Z', PAPER);

export const tableLamp: Shape = (p) =>
  glow(200, 130, 118) +
  path('M186 168H214L222 214Q238 226 238 240H162Q162 226 178 214Z', p.main) +
  path('M152 76H248L274 168H126Z', PAPER) +
  path('M222 76H248L274 168H236Z', '#f3e2bd') +
  rect(150, 72, 100, 6, p.woodDark, 3);

/** A thin shade of wood. */
export const woodenLamp: Shape = (p) =>
  glow(200, 150, 124) +
  rect(150, 74, 100, 156, p.light, 4) +
  faint(0.5, rect(160, 84, 80, 136, PAPER, 4)) +
  stroke(
    'M164 92Q176 150 164 214M186 90Q198 150 186 214M210 90Q222 150 210 214M234 92Q242 150 234 214',
    p.dark,
    2,
  ) +
  rect(142, 226, 116, 14, p.woodDark, 3);

export const moonLamp: Shape = (p) =>
  glow(200, 152, 122) +
  rect(164, 226, 72, 14, p.woodDark, 4) +
  circle(200, 154, 78, PAPER) +
  [46, 24, 0]
    .map((rx) =>
      rx
        ? `<ellipse cx="200" cy="154" rx="${String(rx)}" ry="78" fill="none" stroke="#ead7ad" stroke-width="2"/>`
        : lines(
            [
              [
                [124, 154],
                [276, 154],
              ],
            ],
            '#ead7ad',
            2,
          ),
    )
    .join('');

export const andon: Shape = (p) =>
  glow(200, 146, 126) +
  rect(146, 72, 108, 150, PAPER) +
  stroke(
    'M146 72V240M254 72V240M146 72H254M146 222H254M182 72V222M218 72V222M146 122H254M146 172H254',
    p.woodDark,
    5,
  );

export const columnLamp: Shape = (p) =>
  glow(200, 130, 122) +
  rect(166, 50, 68, 180, PAPER, 6) +
  lines(
    [76, 102, 128, 154, 180, 206].map(
      (y) =>
        [
          [168, y],
          [232, y],
        ] as const,
    ),
    '#ead7ad',
    2,
  ) +
  rect(152, 228, 96, 12, p.woodDark, 3) +
  rect(162, 44, 76, 9, p.woodDark, 3);

export const armLamp: Shape = (p) =>
  faint(0.4, path('M244 102L204 240H338L304 102Z', GLOW)) +
  rect(90, 230, 90, 10, p.main, 5) +
  stroke('M134 230V60L268 46', p.main, 6) +
  path('M256 46H282L308 102H238Z', p.main) +
  rect(238, 100, 70, 7, PAPER, 3);

export const pendant: Shape = (p, dice) => {
  const y = dice.pick([70, 80, 90]);
  return (
    faint(0.35, path(`M116 ${String(y + 88)}H284L340 300H60Z`, GLOW)) +
    lines(
      [
        [
          [200, 0],
          [200, y],
        ],
      ],
      p.ink,
      3,
    ) +
    rect(186, y - 6, 28, 22, p.ink, 4) +
    path(
      `M106 ${String(y + 88)}Q118 ${String(y + 14)} 200 ${String(y + 10)}Q282 ${String(y + 14)} 294 ${String(y + 88)}Z`,
      p.main,
    ) +
    ellipse(200, y + 88, 94, 10, PAPER) +
    faint(
      0.16,
      path(
        `M126 ${String(y + 76)}Q136 ${String(y + 30)} 176 ${String(y + 20)}Q148 ${String(y + 44)} 144 ${String(y + 76)}Z`,
        '#fff',
      ),
    )
  );
};

export const glassPendant: Shape = (p) =>
  lines(
    [
      [
        [200, 0],
        [200, 78],
      ],
    ],
    p.ink,
    3,
  ) +
  rect(188, 70, 24, 28, p.ink, 4) +
  glow(200, 156, 66) +
  faint(
    0.5,
    path('M180 96H220Q286 132 272 196Q262 236 200 236Q138 236 128 196Q114 132 180 96Z', '#fff'),
  ) +
  circle(200, 150, 22, GLOW) +
  stroke('M150 148Q146 190 166 212', '#fff', 6);

export const paperPendant: Shape = (p) =>
  lines(
    [
      [
        [200, 0],
        [200, 62],
      ],
    ],
    p.ink,
    3,
  ) +
  glow(200, 152, 138) +
  circle(200, 152, 92, PAPER) +
  [86, 108, 130, 152, 174, 196, 218]
    .map((y) => {
      const half = Math.sqrt(92 ** 2 - (y - 152) ** 2);
      return `M${half.toFixed(0) === '92' ? '108' : String(Math.round(200 - half))} ${String(y)}Q200 ${String(y + 8)} ${String(Math.round(200 + half))} ${String(y)}`;
    })
    .reduce((all, d) => all + stroke(d, '#e6d2a6', 2), '');

export const lantern: Shape = (p) =>
  glow(200, 168, 104) +
  ring(200, 76, 20, p.main, 6) +
  path('M144 118L200 86L256 118Z', p.main) +
  rect(152, 118, 96, 112, PAPER) +
  rect(188, 178, 24, 52, '#fbf6ea', 3) +
  path('M200 148q14 18 0 30q-14 -12 0 -30Z', '#f0a64a') +
  stroke('M152 118V236M248 118V236', p.main, 8) +
  rect(140, 228, 120, 12, p.main, 3);

export const campLantern: Shape = (p) =>
  glow(200, 156, 106) +
  stroke('M150 112Q152 58 200 58Q248 58 250 112', p.woodDark, 6) +
  rect(152, 104, 96, 22, p.main, 8) +
  rect(158, 126, 84, 76, PAPER, 8) +
  rect(146, 198, 108, 42, p.main, 10) +
  circle(200, 219, 8, p.dark);

export const candles: Shape = (p, _dice, name) => {
  const wax = /bees/i.test(name) ? '#e9b958' : '#faf4e6';
  const candle = (x: number, top: number, w: number, art = ''): string =>
    lines(
      [
        [
          [x, top],
          [x, top - 10],
        ],
      ],
      p.ink,
      2,
    ) +
    path(`M${String(x)} ${String(top - 44)}q13 20 0 34q-13 -14 0 -34Z`, '#f0a64a') +
    path(
      `M${String(x - w)} ${String(top)}H${String(x + w)}L${String(x + w * 0.8)} 240H${String(x - w * 0.8)}Z`,
      wax,
    ) +
    art;
  if (/box/i.test(name))
    return glow(200, 110, 90) + candle(130, 150, 15) + candle(200, 120, 15) + candle(270, 142, 15);
  if (/painted/i.test(name)) {
    const blossom = [
      [194, 150],
      [208, 174],
      [193, 198],
    ]
      .map(([x, y]) => circle(x!, y!, 8, '#dd8b9c') + circle(x!, y!, 3, '#f5d98b'))
      .join('');
    return (
      glow(200, 92, 84) +
      candle(200, 112, 26, stroke('M206 226Q186 178 204 136', '#7f9268', 3) + blossom)
    );
  }
  return glow(200, 100, 88) + candle(200, 124, 36);
};

export const candleStand: Shape = (p) =>
  glow(200, 74, 74) +
  path('M200 48q13 20 0 34q-13 -14 0 -34Z', '#f0a64a') +
  rect(190, 84, 20, 84, '#faf4e6', 3) +
  path('M160 166H240L228 182H172Z', p.main) +
  rect(193, 180, 14, 40, p.main) +
  path('M150 240Q152 216 200 214Q248 216 250 240Z', p.main);

export const bulb: Shape = (p, dice, name) => {
  const strength = /dimmable/i.test(name) ? 84 : 108;
  return (
    glow(200, 118, strength + dice.pick([0, 4])) +
    path('M200 50Q264 52 262 116Q260 150 230 180H170Q140 150 138 116Q136 52 200 50Z', '#fff4d2') +
    stroke('M180 130L190 112L200 130L210 112L220 130', p.accent, 3) +
    rect(170, 178, 60, 20, p.steel, 4) +
    rect(174, 199, 52, 13, p.steel, 4) +
    rect(178, 213, 44, 13, p.steel, 4) +
    rect(188, 226, 24, 12, p.ink, 5)
  );
};
