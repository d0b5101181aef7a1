/** Soap, wood and sponge. */
import { circle, dots, ellipse, faint, grid, lines, path, rect, ring } from '../draw.ts';
import type { Shape } from '../kinds.ts';

export const soap: Shape = (p, dice) =>
  rect(104, 226, 192, 14, p.wood, 4) +
  rect(120, 172, 160, 54, p.main, 20) +
  rect(120, 172, 160, 20, p.light, 10) +
  rect(dice.pick([166, 172, 178]), 170, 52, 58, p.paper, 1) +
  circle(198, 199, 11, p.accent) +
  faint(
    0.7,
    ring(138, 136, 15, '#fff', 3) +
      ring(168, 112, 9, '#fff', 3) +
      ring(256, 128, 11, '#fff', 3) +
      ring(236, 96, 6, '#fff', 3),
  );

export const bucket: Shape = (p) =>
  path('M108 140H292L276 240H124Z', p.main) +
  lines(
    [136, 164, 192, 220, 248, 272].map(
      (x) =>
        [
          [x, 146],
          [200 + (x - 200) * 0.86, 236],
        ] as const,
    ),
    p.dark,
    2,
  ) +
  ellipse(200, 140, 92, 14, p.dark) +
  ellipse(200, 143, 82, 9, '#b9d3d8') +
  path('M113 170H287L285 180H115Z', '#b8774a') +
  path('M120 216H280L278 226H122Z', '#b8774a');

export const stool: Shape = (p) =>
  rect(112, 142, 176, 28, p.main, 8) +
  rect(112, 142, 176, 10, p.light, 5) +
  path('M130 170H162L156 240H122Z', p.dark) +
  path('M238 170H270L278 240H244Z', p.dark) +
  rect(152, 196, 96, 13, p.main);

export const sponge: Shape = (_p, dice) =>
  path(
    'M122 220Q98 176 140 152Q152 112 200 124Q254 104 270 152Q306 178 280 220Q264 244 200 240Q138 244 122 220Z',
    '#e0bd79',
  ) +
  dots(grid(146, 156, 6, 4, dice.pick([22, 23])), 4, '#c29a55') +
  dots(
    [
      [170, 146],
      [226, 150],
      [196, 204],
      [252, 198],
    ],
    7,
    '#b58c49',
  );
