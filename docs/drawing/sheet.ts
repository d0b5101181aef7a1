/**
 * What a page is made of: boxes and arrows at places that somebody chose, in pixels. Both files that are written, the
 * one for diagrams.net and the picture, come from this.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Area extends Point {
  readonly w: number;
  readonly h: number;
}

export type BoxKind =
  | 'service'
  | 'topology'
  | 'processor'
  | 'topic'
  | 'changelog'
  | 'store'
  | 'database'
  | 'outside'
  | 'person'
  | 'frame'
  | 'text'
  | 'heading'
  | 'title'
  | 'order-step'
  | 'alert-step';

export type ArrowKind = 'writes' | 'reads' | 'asks' | 'keeps' | 'logs';

export interface Box extends Area {
  readonly id: string;
  readonly kind: BoxKind;
  /** What it is called, in the code where it is there. */
  readonly name: string;
  /** Below the name, smaller. */
  readonly lines: readonly string[];
}

export interface Arrow {
  readonly id: string;
  readonly kind: ArrowKind;
  readonly from: Box;
  readonly to: Box;
  /** From end to end, across and down only. */
  readonly points: readonly Point[];
  readonly label: string;
  /** The middle of the label. */
  readonly labelAt: Point;
}

export interface BoxOptions {
  readonly lines?: readonly string[];
}

export interface ArrowOptions {
  /** Where it runs: the x of one that goes down or up, the y of one that goes across; default: between both boxes. */
  readonly at?: number;
  /** How deep it goes into a topic's pipe; default: it ends where the boxes do. */
  readonly inset?: number;
  /** Corners, for one that is not straight. */
  readonly via?: readonly Point[];
  readonly label?: string;
  /** How far the label is off the middle of the longest part. */
  readonly labelOff?: Point;
}

/**
 * A page.
 *
 * @example
 * const sheet = new Sheet('Overview', 800, 600);
 * const order = sheet.box('service', 'order', { x: 40, y: 40, w: 120, h: 60 });
 * const topic = sheet.box('topic', 'order-created', { x: 40, y: 200, w: 400, h: 20 });
 * sheet.arrow('writes', order, topic, { at: 60 });
 */
export class Sheet {
  readonly boxes: Box[] = [];
  readonly arrows: Arrow[] = [];
  readonly name: string;
  readonly width: number;
  readonly height: number;

  constructor(name: string, width: number, height: number) {
    this.name = name;
    this.width = width;
    this.height = height;
  }

  /** @throws RangeError for one that is not on the page */
  box(kind: BoxKind, name: string, area: Area, { lines = [] }: BoxOptions = {}): Box {
    const { x, y, w, h } = area;
    if (x < 0 || y < 0 || x + w > this.width || y + h > this.height)
      throw new RangeError(`${this.name}: ${kind} '${name}' reaches over the page's edge`);
    const id = this.#idOf(`${kind} ${name}`);
    const box: Box = { id, kind, name, x, y, w, h, lines };
    this.boxes.push(box);
    return box;
  }

  /** @throws RangeError when the boxes are not opposite each other and no corners are given */
  arrow(kind: ArrowKind, from: Box, to: Box, options: ArrowOptions = {}): Arrow {
    const { label = '', labelOff = { x: 0, y: 0 } } = options;
    const points = pathOf(from, to, options);
    const [a, b] = longestPart(points);
    const labelAt = { x: (a.x + b.x) / 2 + labelOff.x, y: (a.y + b.y) / 2 + labelOff.y };
    const id = this.#idOf(`${from.id} ${kind} ${to.id}`);
    const arrow: Arrow = { id, kind, from, to, points, label, labelAt };
    this.arrows.push(arrow);
    return arrow;
  }

  #idOf(wanted: string): string {
    const plain = wanted.replaceAll(/[^\w.]+/g, '-').toLowerCase();
    const taken = new Set([...this.boxes, ...this.arrows].map(({ id }) => id));
    let id = plain;
    for (let n = 2; taken.has(id); n++) id = `${plain}-${n}`;
    return id;
  }
}

function pathOf(from: Box, to: Box, { at, via, inset = 0 }: ArrowOptions): Point[] {
  if (via !== undefined)
    return [border(from, via[0]!, inset), ...via, border(to, via.at(-1)!, inset)];
  const x = overlap(from.x, from.w, to.x, to.w);
  const y = overlap(from.y, from.h, to.y, to.h);
  if (x !== undefined && y === undefined)
    return [
      border(from, { x: at ?? x, y: to.y }, inset),
      border(to, { x: at ?? x, y: from.y }, inset),
    ];
  if (y === undefined || x !== undefined)
    throw new RangeError(`'${from.id}' and '${to.id}' are not opposite each other: say via where`);
  return [
    border(from, { x: to.x, y: at ?? y }, inset),
    border(to, { x: from.x, y: at ?? y }, inset),
  ];
}

/** Where a line from the box straight to this point leaves it. */
function border(box: Box, to: Point, inset: number): Point {
  const { x, y, w, h } = box;
  const deep = box.kind === 'topic' ? inset : 0;
  if (to.x >= x && to.x <= x + w) return { x: to.x, y: to.y <= y ? y + deep : y + h - deep };
  return { x: to.x < x ? x : x + w, y: to.y };
}

/** The middle of what two spans share. */
function overlap(a: number, width: number, b: number, other: number): number | undefined {
  const start = Math.max(a, b);
  const end = Math.min(a + width, b + other);
  return start <= end ? (start + end) / 2 : undefined;
}

function longestPart(points: readonly Point[]): [Point, Point] {
  const parts = points.slice(1).map((point, i): [Point, Point] => [points[i]!, point]);
  const length = ([a, b]: [Point, Point]) => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
  return parts.reduce((best, part) => (length(part) > length(best) ? part : best));
}
