/** What is held in the hand: in the kitchen, at the desk, in the bath. Most of it lies on the table, seen from above. */
import {
  circle,
  dots,
  ellipse,
  faint,
  grid,
  lines,
  path,
  rect,
  ring,
  stroke,
  turned,
} from '../draw.ts';
import type { Shape } from '../kinds.ts';

export const knife: Shape = (p, dice, name) => {
  const blade = /nakiri/i.test(name)
    ? 'M66 118H238V172H74Q66 172 66 164Z'
    : /yanagiba/i.test(name)
      ? 'M30 148Q110 126 250 130V160Q120 166 30 148Z'
      : /petty/i.test(name)
        ? 'M96 150Q150 128 240 130V160Q150 166 96 150Z'
        : 'M62 158Q104 116 240 120V172H90Q70 172 62 158Z';
  return turned(
    dice.pick([-24, -20, -16]),
    path(blade, p.steel) +
      faint(0.35, rect(112, 150, 126, 4, '#fff')) +
      rect(236, 134, 16, 26, p.ink, 3) +
      rect(250, 132, 104, 29, p.wood, 10),
  );
};

export const whetstone: Shape = (p) =>
  rect(84, 222, 232, 18, p.wood, 3) +
  rect(110, 176, 180, 46, p.main, 3) +
  rect(110, 176, 180, 14, p.light, 3) +
  dots(
    [
      [126, 208],
      [160, 200],
      [214, 212],
      [262, 203],
    ],
    2,
    p.dark,
  );

export const board: Shape = (p, dice) =>
  turned(
    dice.pick([-8, -4, 5]),
    faint(0.1, rect(96, 76, 224, 160, '#000', 10)) +
      rect(88, 68, 224, 160, p.main, 10) +
      stroke(
        'M100 100Q200 88 300 104M100 134Q190 146 300 132M100 172Q210 158 300 176M100 204H300',
        p.dark,
        2,
      ) +
      circle(290, 90, 9, p.wood),
  );

export const fryingPan: Shape = (p) =>
  turned(
    -30,
    rect(256, 140, 116, 20, p.main, 9) +
      circle(176, 150, 88, p.main) +
      circle(176, 150, 74, p.dark) +
      faint(0.12, ellipse(152, 126, 26, 14, '#fff')) +
      circle(356, 150, 4, p.wall),
  );

export const omelettePan: Shape = (p) =>
  turned(
    -18,
    rect(242, 138, 126, 22, p.wood, 8) +
      rect(92, 84, 158, 130, p.main, 10) +
      rect(104, 96, 134, 106, p.light, 5) +
      rect(116, 108, 72, 82, '#f2cf6b', 12) +
      stroke('M134 112V186M152 112V186M170 112V186', '#e0b64d', 3),
  );

export const chopsticks: Shape = (p, dice, name) => {
  const long = /cooking/i.test(name);
  const colour = long ? p.wood : p.main;
  return turned(
    dice.pick([-16, -12, -9]),
    rect(92, 150, 26, 52, p.paper, 8) +
      path('M60 150L344 138V150L60 156Z', colour) +
      path('M60 172L344 172V184L60 178Z', colour) +
      (long ? '' : rect(262, 138, 10, 13, p.accent) + rect(262, 172, 10, 12, p.accent)) +
      rect(318, 138, 26, 12, long ? p.woodDark : p.light) +
      rect(318, 172, 26, 12, long ? p.woodDark : p.light),
  );
};

export const spoon: Shape = (p) =>
  turned(
    -32,
    ellipse(112, 150, 52, 34, p.main) +
      ellipse(108, 150, 40, 24, p.dark) +
      rect(154, 142, 196, 15, p.main, 7),
  );

export const ladle: Shape = (p) =>
  turned(
    -58,
    rect(150, 144, 214, 12, p.steel, 6) +
      circle(112, 150, 54, p.steel) +
      circle(112, 150, 42, p.dark) +
      faint(0.25, ellipse(98, 138, 14, 9, '#fff')),
  );

export const scoop: Shape = (p) =>
  turned(
    -24,
    rect(180, 142, 172, 15, p.main, 7) +
      path('M84 118H166Q188 118 188 150Q188 182 166 182H84Q104 150 84 118Z', p.main) +
      path('M98 126H160Q176 126 176 150Q176 174 160 174H98Q112 150 98 126Z', '#5a3b28'),
  );

export const grater: Shape = (p) =>
  turned(
    14,
    rect(186, 210, 28, 76, p.main, 10) +
      path('M138 34H262L246 212H154Z', p.main) +
      path('M150 46H250L237 200H163Z', p.light) +
      dots(grid(166, 66, 5, 8, 15), 3, p.dark),
  );

export const mill: Shape = (p) =>
  stroke('M200 92V76H282', p.steel, 8) +
  circle(284, 66, 13, p.woodDark) +
  path('M158 130Q162 92 200 92Q238 92 242 130Z', p.steel) +
  rect(148, 128, 104, 112, p.wood, 4) +
  rect(164, 182, 72, 40, p.woodDark, 3) +
  circle(200, 202, 6, p.paper);

export const filters: Shape = (p) =>
  [18, 9, 0]
    .map((by) =>
      path(
        `M${String(112 + by)} ${String(86 - by)}H${String(272 + by)}L${String(228 + by)} ${String(226 - by)}H${String(156 + by)}Z`,
        by === 9 ? p.wood : p.paper,
      ),
    )
    .join('') + stroke('M122 100L162 216', p.wood, 3);

export const lunchBox: Shape = (p, _dice, name) =>
  /two-tier/i.test(name)
    ? rect(122, 194, 156, 46, p.main, 8) +
      rect(122, 146, 156, 46, p.main, 8) +
      rect(116, 124, 168, 26, p.dark, 8) +
      rect(122, 190, 156, 5, p.light) +
      rect(190, 120, 20, 122, p.accent, 2)
    : rect(112, 176, 176, 64, p.main, 26) +
      rect(106, 148, 188, 44, p.light, 20) +
      stroke('M120 172Q200 162 280 172', p.main, 2) +
      rect(236, 152, 5, 36, p.woodDark, 2) +
      lines(
        [
          [
            [232, 162],
            [245, 162],
          ],
          [
            [232, 176],
            [245, 176],
          ],
        ],
        p.woodDark,
        3,
      );

export const pen: Shape = (p, dice, name) =>
  turned(
    dice.pick([-38, -34, -30]),
    faint(0.1, rect(78, 160, 250, 22, '#000', 11)) +
      (/brush/i.test(name)
        ? path('M52 150Q84 134 104 138V162Q84 166 52 150Z', p.ink) +
          rect(100, 136, 228, 28, p.main, 12)
        : /fountain/i.test(name)
          ? path('M56 150L104 134V166Z', '#d9b86a') +
            rect(100, 132, 232, 36, p.main, 16) +
            rect(206, 132, 7, 36, '#d9b86a')
          : path('M66 150L98 139V161Z', p.steel) +
            rect(94, 137, 234, 26, p.paper, 10) +
            rect(94, 137, 46, 26, p.main, 6)) +
      rect(246, 131, 84, 7, /gel/i.test(name) ? p.main : '#d9b86a', 3),
  );

export const pencils: Shape = (p) =>
  turned(
    -28,
    [92, 132, 172]
      .map(
        (y, i) =>
          path(`M70 ${String(y + 13)}L106 ${String(y)}V${String(y + 26)}Z`, p.wood) +
          path(`M70 ${String(y + 13)}L82 ${String(y + 9)}V${String(y + 17)}Z`, p.ink) +
          rect(104, y, 226, 26, i === 1 ? p.accent : p.main) +
          rect(104, y, 226, 8, p.light),
      )
      .join(''),
  );

export const eraser: Shape = (p, dice) =>
  turned(
    dice.pick([-12, -8]),
    rect(100, 92, 130, 58, '#f6f3ee', 8) +
      rect(138, 90, 94, 62, p.main, 3) +
      rect(170, 164, 130, 58, '#f6f3ee', 8) +
      rect(208, 162, 94, 62, p.accent, 3),
  );

export const ruler: Shape = (p) =>
  turned(
    -14,
    faint(0.1, rect(56, 138, 296, 48, '#000')) +
      rect(50, 128, 300, 48, p.main, 2) +
      lines(
        Array.from(
          { length: 29 },
          (_, i) =>
            [
              [60 + i * 10, 130],
              [60 + i * 10, i % 5 === 0 ? 152 : 143],
            ] as const,
        ),
        p.dark,
        2,
      ) +
      circle(336, 162, 5, p.wall),
  );

export const scissors: Shape = (p) =>
  turned(
    -30,
    path('M70 128L252 158L246 168Z', p.main) +
      path('M70 172L252 142L246 132Z', p.dark) +
      circle(214, 150, 6, p.steel) +
      ring(290, 116, 28, p.accent, 13) +
      ring(290, 184, 28, p.accent, 13) +
      stroke('M234 162L270 172M234 138L270 128', p.accent, 12),
  );

export const tapes: Shape = (p) =>
  (
    [
      [136, 122, p.paper],
      [238, 108, '#9db17c'],
      [196, 198, '#8b9fb3'],
    ] as const
  )
    .map(([x, y, colour]) => ring(x, y, 40, colour, 18) + ring(x, y, 30, p.woodDark, 4))
    .join('') + path('M273 127L330 170L318 180L266 140Z', '#9db17c');

export const stamp: Shape = (p) =>
  path('M176 190V124Q160 96 184 84H216Q240 96 224 124V190Z', p.wood) +
  rect(150, 188, 100, 40, p.woodDark, 4) +
  rect(154, 226, 92, 14, p.ink, 2) +
  path('M280 240V204l14 10h16l14 -10v36Z', p.accent) +
  stroke('M292 226q4 4 8 0M304 226q4 4 8 0', p.paper, 2.5);

export const brush: Shape = (p, _dice, name) =>
  /nail/i.test(name)
    ? rect(124, 184, 152, 28, p.wood, 12) +
      lines(
        Array.from(
          { length: 13 },
          (_, i) =>
            [
              [134 + i * 11, 214],
              [134 + i * 11, 236],
            ] as const,
        ),
        p.woodDark,
        6,
      )
    : turned(
        -34,
        rect(150, 141, 220, 18, p.wood, 9) +
          rect(36, 122, 128, 56, p.wood, 28) +
          dots(grid(60, 134, 6, 3, 15), 4, p.woodDark),
      );

export const toothbrushes: Shape = (p) =>
  turned(
    -20,
    [86, 126, 166, 206]
      .map(
        (y, i) =>
          rect(66, y, 270, 12, p.main, 6) +
          rect(74, y - 12, 46, 14, p.paper, 3) +
          rect(290, y, 10, 12, [p.accent, p.ink, '#8b9fb3', '#9db17c'][i]!),
      )
      .join(''),
  );

export const comb: Shape = (p) =>
  turned(
    -8,
    path('M88 176Q96 92 200 90Q304 92 312 176Z', p.main) +
      lines(
        Array.from(
          { length: 25 },
          (_, i) =>
            [
              [98 + i * 8.5, 168],
              [98 + i * 8.5, 214],
            ] as const,
        ),
        p.main,
        4.5,
      ) +
      stroke('M112 152Q200 134 288 152', p.dark, 2) +
      circle(200, 116, 6, p.dark),
  );
