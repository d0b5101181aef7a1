import { ARROWS, BOXES, FONT, LINE_SIZE, PADDING, lidOf, type BoxLook } from './looks.ts';
import type { Arrow, ArrowKind, Box, Point, Sheet } from './sheet.ts';
import { escapeXml } from './xml.ts';

const LEADING = 1.3;
const CORNER = 6;

/** The page as a picture. */
export function svgOf(sheet: Sheet): string {
  const { name, width, height } = sheet;
  const frames = sheet.boxes.filter(({ kind }) => kind === 'frame');
  const steps = sheet.boxes.filter(({ kind }) => kind.endsWith('-step'));
  const boxes = sheet.boxes.filter((box) => !frames.includes(box) && !steps.includes(box));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}">`,
    `<title>${escapeXml(name)}</title>`,
    '<defs>',
    ...Object.entries(ARROWS).map(([kind, { stroke }]) => head(kind as ArrowKind, stroke)),
    '</defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...frames.map(drawBox),
    ...boxes.map(drawBox),
    ...sheet.arrows.map(drawArrow),
    // What is written at an arrow is over every line.
    ...sheet.arrows.filter(({ label }) => label !== '').map(drawLabel),
    ...steps.map(drawBox),
    '</svg>',
    '',
  ].join('\n');
}

function head(kind: ArrowKind, fill: string): string {
  return `<marker id="head-${kind}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="${fill}"/></marker>`;
}

function drawBox(box: Box): string {
  const look = BOXES[box.kind];
  return [outline(box, look), ...written(box, look)].filter((part) => part !== '').join('\n');
}

function outline({ x, y, w, h }: Box, { shape, fill, stroke, dashed }: BoxLook): string {
  const paint = `fill="${fill}" stroke="${stroke}"${dashed ? ' stroke-dasharray="5 3"' : ''}`;
  switch (shape) {
    case 'none':
      return '';
    case 'box':
      return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${CORNER}" ${paint}/>`;
    case 'pill':
      return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${Math.min(h / 2, 20)}" ${paint}/>`;
    case 'circle':
      return `<ellipse cx="${x + w / 2}" cy="${y + h / 2}" rx="${w / 2}" ry="${h / 2}" ${paint}/>`;
    case 'cylinder': {
      const lid = lidOf(h);
      const arc = `a${w / 2} ${lid} 0 0`;
      const body = `M${x} ${y + lid} ${arc} 1 ${w} 0 v${h - 2 * lid} ${arc} 1 ${-w} 0z`;
      return `<path d="${body}" ${paint}/><path d="M${x} ${y + lid} ${arc} 0 ${w} 0" fill="none" stroke="${stroke}"/>`;
    }
  }
}

function written({ name, lines, x, y, w, h }: Box, look: BoxLook): string[] {
  const { align, valign, size, bold, ink, shape } = look;
  const rows = [
    ...(name === '' ? [] : [{ text: name, size, bold }]),
    ...lines.map((text) => ({ text, size: LINE_SIZE, bold: false })),
  ];
  const height = rows.reduce((sum, row) => sum + row.size * LEADING, 0);
  const lid = shape === 'cylinder' ? 2 * lidOf(h) : 0;
  const indent = shape === 'none' ? 0 : PADDING;
  let top = valign === 'top' ? y + PADDING : y + lid + (h - lid - height) / 2;
  const at = align === 'left' ? `x="${x + indent}"` : `x="${x + w / 2}" text-anchor="middle"`;
  return rows.map((row) => {
    // Half of the space between lines is above the letters, which reach up to about 0.74 of their size.
    const baseline = top + row.size * (LEADING / 2 + 0.36);
    top += row.size * LEADING;
    const weight = row.bold ? ' font-weight="bold"' : '';
    return `<text ${at} y="${round(baseline)}" font-size="${row.size}"${weight} fill="${ink}">${escapeXml(row.text)}</text>`;
  });
}

function drawArrow({ kind, points }: Arrow): string {
  const { stroke, start, end, dashed } = ARROWS[kind];
  const marks = [
    start === 'head' ? ` marker-start="url(#head-${kind})"` : '',
    end === 'head' ? ` marker-end="url(#head-${kind})"` : '',
    dashed ? ' stroke-dasharray="4 3"' : '',
  ].join('');
  const line = `<path d="${rounded(points)}" fill="none" stroke="${stroke}" stroke-width="2"${marks}/>`;
  if (start !== 'dot') return line;
  return `${line}\n<circle cx="${points[0]!.x}" cy="${points[0]!.y}" r="4" fill="${stroke}"/>`;
}

function rounded(points: readonly Point[]): string {
  const parts = points.map((point, i) => {
    const next = points[i + 1];
    if (i === 0) return `M${at(point)}`;
    if (next === undefined) return `L${at(point)}`;
    return `L${at(toward(point, points[i - 1]!))} Q${at(point)} ${at(toward(point, next))}`;
  });
  return parts.join(' ');
}

/** A little way from a corner. */
function toward(from: Point, to: Point): Point {
  const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
  const part = Math.min(CORNER, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function drawLabel({ label, labelAt: { x, y } }: Arrow): string {
  // The white rim keeps it readable where it lies on a line.
  return `<text x="${x}" y="${y + 4}" text-anchor="middle" font-size="${LINE_SIZE}" fill="#3e4c59" stroke="#ffffff" stroke-width="4" paint-order="stroke">${escapeXml(label)}</text>`;
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
