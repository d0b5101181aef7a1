/** Books, notebooks, letters. */
import type { Dice } from '../dice.ts';
import { circle, dots, faint, grid, lines, path, rect, ring, stroke, turned } from '../draw.ts';
import type { Shape } from '../kinds.ts';
import type { Palette } from '../palette.ts';

export const notebook: Shape = (p, dice, name) =>
  turned(
    dice.pick([-10, -7, 6, 9]),
    faint(0.1, rect(132, 56, 156, 206, '#000', 4)) +
      rect(126, 50, 152, 202, p.paper, 3) +
      rect(122, 46, 152, 202, p.main, 4) +
      rect(122, 46, 20, 202, p.dark, 4) +
      dots(
        [66, 106, 147, 188, 228].map((y) => [132, y] as const),
        2.5,
        p.paper,
      ) +
      (/cloth/i.test(name)
        ? dots(grid(164, 72, 6, 10, 18), 3, p.light)
        : rect(166, 82, 84, 46, p.paper, 2) + ruling(name, p)),
  );

function ruling(name: string, p: Palette): string {
  if (/grid/i.test(name))
    return stroke('M176 98h64M176 112h64M192 88v34M208 88v34M224 88v34', p.accent, 1.5);
  if (/ruled/i.test(name)) return stroke('M176 96h64M176 106h64M176 116h64', p.accent, 1.5);
  return circle(208, 105, 8, p.accent);
}

export const memoPads: Shape = (p) =>
  (
    [
      [106, 84, -9, p.main],
      [168, 72, 0, p.accent],
      [232, 88, 8, p.dark],
    ] as const
  )
    .map(([x, y, degrees, colour]) =>
      turned(
        degrees,
        rect(x, y, 72, 122, p.paper, 2) +
          rect(x, y, 72, 34, colour, 2) +
          lines(
            [
              [
                [x + 12, y + 56],
                [x + 60, y + 56],
              ],
              [
                [x + 12, y + 72],
                [x + 60, y + 72],
              ],
              [
                [x + 12, y + 88],
                [x + 46, y + 88],
              ],
            ],
            p.steel,
            2,
          ),
      ),
    )
    .join('');

export const letters: Shape = (p) =>
  turned(
    -6,
    rect(136, 40, 150, 150, '#fbf8f0', 2) +
      lines(
        [62, 82, 102].map(
          (y) =>
            [
              [156, y],
              [266, y],
            ] as const,
        ),
        p.steel,
        2,
      ) +
      rect(96, 112, 208, 136, p.light, 4) +
      path('M96 114L200 190L304 114V112H96Z', p.main) +
      circle(200, 186, 13, p.accent),
  );

export const moneyEnvelopes: Shape = (p) =>
  (
    [
      [112, -12, p.paper],
      [168, 0, p.main],
      [222, 12, p.paper],
    ] as const
  )
    .map(([x, degrees, colour]) =>
      turned(
        degrees,
        rect(x, 64, 72, 172, colour, 3) +
          circle(x + 36, 128, 18, '#c0504d') +
          circle(x + 36, 128, 6, '#f0c96a') +
          stroke(`M${String(x + 36)} 150v24`, '#7f9268', 4),
      ),
    )
    .join('');

/** A book that stands, its cover without a word. */
export const book: Shape = (p, dice) =>
  rect(146, 66, 132, 174, p.paper, 2) +
  rect(140, 60, 130, 180, p.main, 3) +
  rect(140, 60, 15, 180, p.dark, 3) +
  cover(p, dice) +
  rect(170, 206, 70, 5, p.paper) +
  rect(170, 217, 42, 5, p.paper);

function cover(p: Palette, dice: Dice): string {
  const at = dice.pick([198, 206, 212, 220, 228]);
  switch (dice.pick(['sun', 'waves', 'rain', 'leaf', 'seeds', 'window', 'moon', 'hills'])) {
    case 'sun':
      return circle(at, 124, 30, p.accent) + rect(155, 146, 115, 6, p.paper);
    case 'waves':
      return (
        [110, 132, 154]
          .map((y) => stroke(`M168 ${String(y)}q11 -16 22 0t22 0t22 0t22 0`, p.paper, 4))
          .join('') + circle(at, 84, 8, p.accent)
      );
    case 'rain':
      return (
        lines(
          Array.from(
            { length: 7 },
            (_, i) =>
              [
                [172 + i * 13, 84 + (i % 3) * 12],
                [172 + i * 13, 152 + (i % 2) * 14],
              ] as const,
          ),
          p.light,
          4,
        ) + circle(at, 168, 7, p.accent)
      );
    case 'leaf':
      return (
        path(
          `M${String(at - 28)} 168Q${String(at - 24)} 96 ${String(at + 26)} 86Q${String(at + 30)} 152 ${String(at - 28)} 168Z`,
          p.accent,
        ) + stroke(`M${String(at - 34)} 178L${String(at + 14)} 106`, p.paper, 3)
      );
    case 'seeds':
      return dots(grid(176, 92, 5, 5, 17), 5, p.light) + circle(at, 126, 10, p.accent);
    case 'window':
      return (
        rect(172, 84, 80, 88, p.paper, 2) +
        stroke('M212 84v88M172 128h80', p.main, 4) +
        circle(at, 104, 9, p.accent)
      );
    case 'moon':
      return (
        circle(at - 4, 126, 36, p.light) +
        circle(at + 12, 118, 32, p.main) +
        dots(
          [
            [180, 92],
            [246, 160],
            [176, 160],
          ],
          2.5,
          p.paper,
        )
      );
    default:
      return (
        path('M155 178Q186 118 214 156Q240 110 270 150V182H155Z', p.dark) +
        ring(at, 98, 14, p.accent, 5)
      );
  }
}
