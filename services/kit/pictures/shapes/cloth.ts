/** Towels, cloths, and what is sewn from them. */
import { circle, dots, faint, grid, lines, path, placed, rect, stroke, turned } from '../draw.ts';
import type { Shape } from '../kinds.ts';

/** Folded, three high. */
export const folded: Shape = (p, dice, name) => {
  const thick = /bath|blanket/i.test(name) ? 40 : 31;
  const layer = (i: number, colour: string) =>
    rect(112 + (i % 2) * 6, 240 - (i + 1) * thick, 172, thick - 2, colour, thick / 2.4);
  const top = 240 - 3 * thick;
  return (
    layer(0, p.dark) +
    layer(1, p.main) +
    layer(2, p.light) +
    rect(dice.pick([136, 236, 246]), top, 14, 3 * thick - 2, p.accent) +
    (/gauze|net|linen/i.test(name)
      ? dots(grid(160, top + 12, 5, 1, 15), 2, p.dark)
      : rect(126, top + thick / 2 - 2, 100, 3, p.paper, 1))
  );
};

/** Hung over a rod, to show what is dyed on it. */
export const tenugui: Shape = (p, _dice, name) =>
  rect(84, 52, 232, 9, p.woodDark, 4) +
  rect(128, 48, 144, 206, p.main, 2) +
  (/waves/i.test(name)
    ? [0, 1, 2, 3, 4]
        .map((row) =>
          stroke(
            `M${String(140 - (row % 2) * 0)} ${String(104 + row * 30)}${'q15 -30 30 0'.repeat(4)}M148 ${String(104 + row * 30)}${'q7 -14 14 0m16 0'.repeat(4)}`,
            p.paper,
            3,
          ),
        )
        .join('')
    : /leaf/i.test(name)
      ? [0, 1, 2]
          .map((row) =>
            stroke(
              [0, 1]
                .map(
                  (column) =>
                    `M${String(164 + column * 72)} ${String(70 + row * 60)}v60m-30 -45l60 30m0 -30l-60 30`,
                )
                .join(''),
              p.paper,
              3,
            ),
          )
          .join('')
      : dots(grid(148, 78, 5, 7, 26), 7, p.paper) + dots(grid(148, 78, 5, 7, 26), 2.5, p.accent)) +
  faint(0.1, rect(128, 48, 144, 13, '#000'));

/** A cloth tied around something. */
export const furoshiki: Shape = (p, dice) =>
  path(
    'M114 214Q112 152 196 140H204Q288 152 286 214Q284 240 258 240H142Q116 240 114 214Z',
    p.main,
  ) +
  path('M200 142Q160 170 150 240H142Q116 240 114 214Q116 158 200 142Z', p.light) +
  path('M200 144Q150 142 132 92Q178 96 204 136Z', p.main) +
  path('M200 144Q250 142 268 92Q222 96 196 136Z', p.dark) +
  rect(182, 124, 36, 30, p.dark, 13) +
  dots(grid(176, 182, 5, 2, dice.pick([20, 22])), 4, p.paper);

export const apron: Shape = (p) =>
  stroke('M164 92Q160 44 200 44Q240 44 236 92M124 160L92 176M276 160L308 176', p.woodDark, 6) +
  path('M160 84H240Q240 128 280 154L286 262H114L120 154Q160 128 160 84Z', p.main) +
  path('M148 180H252V212Q252 230 234 230H166Q148 230 148 212Z', p.dark) +
  stroke('M200 184V226', p.main, 3);

export const cushion: Shape = (p, _dice, name) =>
  path('M92 66Q200 84 308 66Q290 150 308 234Q200 216 92 234Q110 150 92 66Z', p.main) +
  (/stripes/i.test(name)
    ? lines(
        [132, 158, 184, 216, 242, 268].map(
          (x) =>
            [
              [x, 84],
              [x, 216],
            ] as const,
        ),
        p.light,
        6,
      )
    : dots(grid(130, 98, 8, 7, 20), 2.5, p.paper)) +
  (/zabuton/i.test(name)
    ? circle(200, 150, 6, p.accent) +
      stroke('M200 150l-12 12M200 150l12 12M200 150v16', p.accent, 3)
    : '');

export const socks: Shape = (p) => sock(p, 0) + placed(74, 12, 1, sock({ ...p, main: p.light }, 1));

function sock(p: Parameters<Shape>[0], i: number): string {
  return (
    path(
      'M112 62H178V166Q180 178 192 186L232 208Q246 222 234 238Q226 246 210 242L136 212Q112 202 112 176Z',
      p.main,
    ) +
    rect(110, 54, 70, 24, p.dark, 4) +
    path('M112 166Q112 206 136 212L150 186Z', p.dark) +
    (i === 0 ? path('M206 194L232 208Q246 222 234 238Q226 246 204 238Z', p.dark) : '')
  );
}

export const tote: Shape = (p, dice) =>
  stroke('M164 124V92Q164 62 200 62Q236 62 236 92V124', p.dark, 9) +
  path('M124 116H276L286 240H114Z', p.main) +
  path('M117 206H283L286 240H114Z', p.dark) +
  circle(200, 164, dice.pick([16, 18, 20]), p.accent);

export const mat: Shape = (p) =>
  turned(
    -6,
    faint(0.1, rect(82, 84, 250, 148, '#000', 16)) +
      rect(74, 76, 252, 148, p.main, 16) +
      rect(88, 90, 224, 120, p.light, 10) +
      faint(
        0.5,
        dots(
          [
            [166, 152],
            [226, 146],
          ],
          21,
          p.main,
        ) +
          dots(
            [
              [162, 122],
              [174, 116],
              [186, 118],
              [218, 112],
              [230, 110],
              [241, 115],
            ],
            6,
            p.main,
          ),
      ),
  );
