/** The few SVG elements that the pictures are made of; numbers are in units of the 400 × 300 canvas. */

type Point = readonly [x: number, y: number];

export function rect(x: number, y: number, w: number, h: number, fill: string, rx = 0): string {
  const round = rx > 0 ? ` rx="${n(rx)}"` : '';
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}"${round} fill="${fill}"/>`;
}

export function circle(cx: number, cy: number, r: number, fill: string): string {
  return `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(r)}" fill="${fill}"/>`;
}

export function ring(cx: number, cy: number, r: number, stroke: string, width: number): string {
  return `<circle cx="${n(cx)}" cy="${n(cy)}" r="${n(r)}" fill="none" stroke="${stroke}" stroke-width="${n(width)}"/>`;
}

export function ellipse(cx: number, cy: number, rx: number, ry: number, fill: string): string {
  return `<ellipse cx="${n(cx)}" cy="${n(cy)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"/>`;
}

export function path(d: string, fill: string): string {
  return `<path d="${d}" fill="${fill}"/>`;
}

/** An open line with round ends. */
export function stroke(d: string, colour: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** Many short lines as one element. */
export function lines(pairs: readonly (readonly [Point, Point])[], colour: string, width: number) {
  const d = pairs.map(([[x, y], [x2, y2]]) => `M${n(x)} ${n(y)}L${n(x2)} ${n(y2)}`).join('');
  return stroke(d, colour, width);
}

/** Many dots as one element. */
export function dots(centres: readonly Point[], r: number, colour: string): string {
  const d = centres.map(([x, y]) => `M${n(x)} ${n(y)}h0`).join('');
  return stroke(d, colour, 2 * r);
}

export function turned(degrees: number, content: string): string {
  return `<g transform="rotate(${n(degrees)} 200 150)">${content}</g>`;
}

export function placed(x: number, y: number, scale: number, content: string): string {
  return `<g transform="translate(${n(x)} ${n(y)}) scale(${n(scale)})">${content}</g>`;
}

export function faint(opacity: number, content: string): string {
  return `<g opacity="${n(opacity)}">${content}</g>`;
}

/** The points of a grid, every other row moved by half a step. */
export function grid(x: number, y: number, columns: number, rows: number, step: number): Point[] {
  return Array.from({ length: columns * rows }, (_, i): Point => {
    const row = Math.floor(i / columns);
    return [x + (i % columns) * step + (row % 2) * (step / 2), y + row * step * 0.87];
  });
}

/** At most one digit behind the point: nobody sees more. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
