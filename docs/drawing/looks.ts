import type { ArrowKind, BoxKind } from './sheet.ts';

export interface BoxLook {
  readonly shape: 'box' | 'pill' | 'cylinder' | 'circle' | 'none';
  readonly fill: string;
  readonly stroke: string;
  readonly ink: string;
  /** Of the name; the lines below it are smaller. */
  readonly size: number;
  readonly bold: boolean;
  readonly align: 'left' | 'center';
  readonly valign: 'top' | 'middle';
  readonly dashed?: boolean;
}

const INK = '#1f2933';
const MIDDLE = { ink: INK, size: 13, bold: true, align: 'center', valign: 'middle' } as const;

/** The shape says what it is, the colour only repeats it. */
export const BOXES: Readonly<Record<BoxKind, BoxLook>> = {
  service: { ...MIDDLE, shape: 'box', fill: '#dae8fc', stroke: '#4a74ad' },
  topology: { ...MIDDLE, shape: 'box', fill: '#d5e8d4', stroke: '#5b8a45' },
  processor: { ...MIDDLE, shape: 'box', fill: '#eef6ee', stroke: '#5b8a45', size: 12, bold: false },
  topic: {
    ...MIDDLE,
    shape: 'pill',
    fill: '#fff4d6',
    stroke: '#c49b2f',
    size: 12,
    bold: false,
    align: 'left',
  },
  changelog: {
    ...MIDDLE,
    shape: 'pill',
    fill: '#ffffff',
    stroke: '#c49b2f',
    size: 12,
    bold: false,
    dashed: true,
  },
  store: {
    ...MIDDLE,
    shape: 'cylinder',
    fill: '#e8dff0',
    stroke: '#7d5a9e',
    size: 12,
    bold: false,
  },
  database: { ...MIDDLE, shape: 'cylinder', fill: '#d9dee5', stroke: '#52606d' },
  outside: { ...MIDDLE, shape: 'box', fill: '#ffffff', stroke: '#7b8794', dashed: true },
  person: { ...MIDDLE, shape: 'pill', fill: '#f3e1dc', stroke: '#a3624e' },
  frame: {
    ...MIDDLE,
    shape: 'box',
    fill: '#fafbfc',
    stroke: '#b8c0ca',
    valign: 'top',
    align: 'left',
  },
  text: { ...MIDDLE, shape: 'none', fill: 'none', stroke: 'none', bold: false, align: 'left' },
  heading: { ...MIDDLE, shape: 'none', fill: 'none', stroke: 'none', align: 'left', size: 15 },
  title: { ...MIDDLE, shape: 'none', fill: 'none', stroke: 'none', align: 'left', size: 22 },
  'order-step': {
    ...MIDDLE,
    shape: 'circle',
    fill: '#1f4e8c',
    stroke: '#ffffff',
    ink: '#ffffff',
    size: 10,
  },
  'alert-step': {
    ...MIDDLE,
    shape: 'circle',
    fill: '#b3261e',
    stroke: '#ffffff',
    ink: '#ffffff',
    size: 10,
  },
};

export interface ArrowLook {
  readonly stroke: string;
  readonly start: 'none' | 'dot' | 'head';
  readonly end: 'none' | 'head';
  readonly dashed: boolean;
}

export const ARROWS: Readonly<Record<ArrowKind, ArrowLook>> = {
  writes: { stroke: '#b45309', start: 'none', end: 'head', dashed: false },
  reads: { stroke: '#2f6690', start: 'dot', end: 'head', dashed: false },
  asks: { stroke: '#52606d', start: 'none', end: 'head', dashed: false },
  keeps: { stroke: '#7d5a9e', start: 'head', end: 'head', dashed: false },
  logs: { stroke: '#7d5a9e', start: 'none', end: 'head', dashed: true },
};

/** How tall the lid of a cylinder of this height is, half of it. */
export function lidOf(height: number): number {
  return Math.min(8, height / 6);
}

export const LINE_SIZE = 11;
export const FONT = 'Helvetica, Arial, sans-serif';
/** Between the edge and what is written, where that is at the left or the top. */
export const PADDING = 10;
