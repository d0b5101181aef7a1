/**
 * Where everything of an order's timeline goes: two lanes on one time axis, the order above, the payment below, and between
 * them the evaluations, so that what they compared is on both sides of them. Pure; `timeline.tsx` draws it.
 */
import { timeAxis, type Axis, type Stretch } from './axis.ts';
import type { Entry } from './entries.ts';
import type { Evaluation } from './evaluations.ts';
import { placeLabels, textWidth } from './labels.ts';

export const FONT = 12;
export const ROW = 18;
const SIDE = 12;
/** For the lanes' names. */
const NAMES = 64;
/** From a lane's line to its first row of texts. */
const LIFT = 22;
const LANE_GAP = 44;
const TOP = 8;
const AXIS = 26;

export interface Placed<T> {
  readonly item: T;
  readonly x: number;
  readonly y: number;
  readonly label: {
    readonly text: string;
    readonly left: number;
    readonly width: number;
    readonly y: number;
  };
}
/** A status, for as long as it was the latest one. */
export interface Bar {
  readonly entry: Entry;
  readonly x: number;
  readonly width: number;
}
export interface TimelineLayout {
  readonly width: number;
  readonly height: number;
  readonly axis: Axis;
  readonly axisY: number;
  readonly lanes: Readonly<Record<'order' | 'evaluation' | 'payment', number>>;
  readonly entries: readonly Placed<Entry>[];
  readonly evaluations: readonly Placed<Evaluation>[];
  readonly bars: readonly Bar[];
  readonly bands: readonly { readonly x: number; readonly width: number; readonly of: Stretch }[];
  /** Instants that no record stands for: lines across all lanes, named below the axis. */
  readonly uprights: readonly Placed<Upright>[];
}
export interface Upright {
  readonly at: number;
  /** `fold`: what was left out there, a text without a line. */
  readonly kind: 'expiry' | 'now' | 'fold';
  readonly text: string;
}

export interface TimelineInput {
  readonly entries: readonly Entry[];
  readonly evaluations: readonly Evaluation[];
  readonly graces: readonly Stretch[];
  readonly uprights: readonly Upright[];
  /** What is known ends there; evaluations may be due later. */
  readonly now: number;
  readonly width: number;
  readonly zoneMs: number;
  readonly evaluationText: (evaluation: Evaluation) => string;
  readonly durationText: (ms: number) => string;
}

/** Null: nothing is known that has a time. */
export function layOut(input: TimelineInput): TimelineLayout | null {
  const { entries, evaluations, graces, width, zoneMs } = input;
  const instants = [...entries, ...evaluations].map(({ at }) => at);
  if (instants.length === 0) return null;
  instants.push(...input.uprights.map(({ at }) => at));
  const bounds = { left: NAMES + SIDE, right: width - SIDE, foldWidth: 44, tickGap: 76 };
  const axis = timeAxis(instants, graces, bounds, zoneMs);

  const edges = { left: NAMES, right: width - 4, gap: 8 };
  const labelled = <T extends { readonly at: number }>(
    items: readonly T[],
    textOf: (item: T) => string,
  ) => {
    const texts = items.map((item) => {
      const text = textOf(item);
      return { item, x: axis.x(item.at), text, width: textWidth(text, FONT) };
    });
    const places = placeLabels(texts, edges);
    return texts.map((each, i) => ({ ...each, ...places[i]! }));
  };
  const orders = labelled(
    entries.filter(({ lane }) => lane === 'order'),
    ({ status }) => status,
  );
  const payments = labelled(
    entries.filter(({ lane }) => lane === 'payment'),
    ({ status }) => status,
  );
  const checks = labelled(evaluations, input.evaluationText);
  const breaks = axis.folds.map(({ from, to }): Upright => {
    return { at: (from + to) / 2, kind: 'fold', text: input.durationText(to - from) };
  });
  const uprights = labelled([...input.uprights, ...breaks], ({ text }) => text);
  const rowsOf = (placed: readonly { readonly row: number }[]) =>
    placed.reduce((most, { row }) => Math.max(most, row + 1), 1);

  const orderY = TOP + rowsOf(orders) * ROW + LIFT - 8;
  const evaluationY = orderY + LANE_GAP;
  const paymentY = evaluationY + rowsOf(checks) * ROW + LANE_GAP;
  const axisY = paymentY + LIFT + rowsOf(payments) * ROW;
  const up = (y: number) => (row: number) => y - LIFT + 8 - row * ROW;
  const down = (y: number) => (row: number) => y + LIFT + row * ROW;
  const place = <T>(
    all: readonly { item: T; x: number; text: string; width: number; left: number; row: number }[],
    y: number,
    rowY: (row: number) => number,
  ): readonly Placed<T>[] =>
    all.map(({ item, x, text, width: wide, left, row }) => ({
      item,
      x,
      y,
      label: { text, left, width: wide, y: rowY(row) },
    }));
  return {
    width,
    height: axisY + AXIS + (uprights.length > 0 ? rowsOf(uprights) * ROW : 0),
    axis,
    axisY,
    lanes: { order: orderY, evaluation: evaluationY, payment: paymentY },
    entries: [...place(orders, orderY, up(orderY)), ...place(payments, paymentY, down(paymentY))],
    evaluations: place(checks, evaluationY, down(evaluationY)),
    bars: (['order', 'payment'] as const).flatMap((lane) => barsOf(entries, lane, axis, input.now)),
    bands: graces.map((of) => ({ x: axis.x(of.from), width: axis.x(of.to) - axis.x(of.from), of })),
    uprights: place(uprights, axisY, (row) => axisY + AXIS + 12 + row * ROW),
  };
}

function barsOf(
  entries: readonly Entry[],
  lane: Entry['lane'],
  axis: Axis,
  now: number,
): readonly Bar[] {
  const own = entries.filter((entry) => entry.lane === lane);
  return own.map((entry, i) => {
    const x = axis.x(entry.at);
    const end = own[i + 1]?.at ?? Math.max(entry.at, Math.min(now, axis.to));
    return { entry, x, width: axis.x(end) - x };
  });
}
