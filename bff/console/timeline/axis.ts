/**
 * The time axis: from instants to x, with ticks. Linear, but for long stretches in which nothing happened: those are folded
 * to a narrow piece, drawn as a break. So an order that alerted five minutes after its payment and was seen to two days
 * later shows the five minutes.
 *
 * A1. Later is never further left: x grows with the instant.
 * A2. Every instant between the first and the last lies inside the axis.
 * A3. A fold hides no instant that was handed in, and no part of a stretch that is to be kept.
 */

export interface Stretch {
  readonly from: number;
  readonly to: number;
}
export interface Fold extends Stretch {
  readonly x: number;
  readonly width: number;
}
export interface Tick {
  readonly at: number;
  readonly x: number;
}
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly folds: readonly Fold[];
  readonly x: (at: number) => number;
  readonly ticks: readonly Tick[];
}

export interface AxisBounds {
  readonly left: number;
  readonly right: number;
  /** Of a folded stretch. */
  readonly foldWidth: number;
  /** Between the middles of two ticks' texts. */
  readonly tickGap: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 30, 90, 365].map((n) => n * DAY),
];

/** `keep`: what must be seen in its true length, such as the grace. `zoneMs`: ticks are round in that zone. */
export function timeAxis(
  instants: readonly number[],
  keep: readonly Stretch[],
  bounds: AxisBounds,
  zoneMs = 0,
): Axis {
  const points = [...new Set([...instants, ...keep.flatMap(({ from, to }) => [from, to])])].sort(
    (a, b) => a - b,
  );
  if (points.length === 0) throw new Error('an axis of no instants');
  const { left, right } = bounds;
  const first = points[0]!;
  const last = points.at(-1)!;
  const gaps = points.slice(1).map((to, i): Stretch => ({ from: points[i]!, to }));
  const folded = foldedOf(gaps, keep);
  const foldWidth = Math.min(bounds.foldWidth, (right - left) / 3 / Math.max(1, folded.size));
  const open = gaps.filter((gap) => !folded.has(gap)).reduce((sum, gap) => sum + lengthOf(gap), 0);
  const scale = open === 0 ? 0 : (right - left - folded.size * foldWidth) / open;

  let edge = left;
  const pieces = gaps.map((gap) => {
    const width = folded.has(gap) ? foldWidth : lengthOf(gap) * scale;
    const piece = { ...gap, x: edge, width, isFold: folded.has(gap) };
    edge += width;
    return piece;
  });
  const x = (at: number): number => {
    if (first === last) return (left + right) / 2;
    if (at <= first) return left;
    const piece = pieces.find(({ to }) => at <= to);
    if (!piece) return right;
    const share = (at - piece.from) / lengthOf(piece);
    return Math.min(right, Math.max(left, piece.x + piece.width * share));
  };
  const folds = pieces.filter(({ isFold }) => isFold);
  return {
    from: first,
    to: last,
    folds: folds.map(({ from, to, x: at, width }) => ({ from, to, x: at, width })),
    x,
    ticks:
      first === last ? [{ at: first, x: x(first) }] : ticksOf(pieces, scale, bounds, x, zoneMs),
  };
}

/** Longest first, as long as one would leave the rest too little room to be read. */
function foldedOf(gaps: readonly Stretch[], keep: readonly Stretch[]): Set<Stretch> {
  const folded = new Set<Stretch>();
  let rest = gaps.reduce((sum, gap) => sum + lengthOf(gap), 0);
  const foldable = gaps
    .filter((gap) => !keep.some(({ from, to }) => gap.from < to && gap.to > from))
    .sort((a, b) => lengthOf(b) - lengthOf(a));
  for (const gap of foldable) {
    const others = rest - lengthOf(gap);
    if (others <= 0 || lengthOf(gap) <= 4 * others) break;
    folded.add(gap);
    rest = others;
  }
  return folded;
}

function ticksOf(
  pieces: readonly (Stretch & { readonly isFold: boolean })[],
  scale: number,
  { left, right, tickGap }: AxisBounds,
  x: (at: number) => number,
  zoneMs: number,
): readonly Tick[] {
  const step = STEPS.find((each) => each * scale >= tickGap) ?? STEPS.at(-1)!;
  const ticks: Tick[] = [];
  // Neighbours that are both drawn in full make one stretch.
  const stretches: { from: number; to: number }[] = [];
  let wasOpen = false;
  for (const { from, to, isFold } of pieces) {
    if (isFold) wasOpen = false;
    else if (wasOpen) stretches.at(-1)!.to = to;
    else {
      stretches.push({ from, to });
      wasOpen = true;
    }
  }
  const half = tickGap / 2;
  for (const { from, to } of stretches) {
    for (let at = Math.ceil((from + zoneMs) / step) * step - zoneMs; at <= to; at += step) {
      const tick = { at, x: x(at) };
      const isInside = tick.x >= left + half && tick.x <= right - half;
      const before = ticks.at(-1);
      if (isInside && (!before || tick.x - before.x >= tickGap)) ticks.push(tick);
    }
  }
  return ticks;
}

function lengthOf({ from, to }: Stretch): number {
  return to - from;
}
