import type { ArrowKind, Box, BoxKind, Sheet } from './sheet.ts';

const BOX_TEXTS: Partial<Record<BoxKind, string>> = {
  service: 'service',
  topology: 'service that runs a topology',
  processor: 'keyed processor',
  topic: 'topic',
  changelog: 'changelog (topic)',
  store: 'store (RocksDB)',
  database: 'database',
  outside: 'outside of the project',
  person: 'people',
  'order-step': 'step of an order',
  'alert-step': 'step of an alert',
};

const ARROW_TEXTS: Readonly<Record<ArrowKind, string>> = {
  writes: 'writes',
  reads: 'reads',
  asks: 'asks (HTTP, SQL, …)',
  keeps: 'keeps',
  logs: 'is logged to',
};

/** A row that says what each shape and arrow means. */
export function drawLegend(
  sheet: Sheet,
  left: number,
  y: number,
  kinds: readonly (BoxKind | ArrowKind)[],
): void {
  let x = left;
  for (const kind of kinds) {
    const text = isArrow(kind) ? ARROW_TEXTS[kind] : (BOX_TEXTS[kind] ?? kind);
    x = isArrow(kind) ? sampleArrow(sheet, kind, x, y) : sampleBox(sheet, kind, x, y);
    const w = text.length * 5.3 + 8;
    sheet.box('text', '', { x, y, w, h: 22 }, { lines: [text] });
    x += w + 16;
  }
}

function sampleBox(sheet: Sheet, kind: BoxKind, x: number, y: number): number {
  const isStep = kind.endsWith('-step');
  const w = isStep ? 17 : 30;
  sheet.box(kind, kind === 'order-step' ? '1' : kind === 'alert-step' ? 'A' : '', {
    x,
    y: isStep ? y + 2.5 : y + 2,
    w,
    h: isStep ? 17 : 18,
  });
  return x + w + 7;
}

function sampleArrow(sheet: Sheet, kind: ArrowKind, x: number, y: number): number {
  const end = (at: number): Box => sheet.box('text', '', { x: at, y, w: 1, h: 22 });
  sheet.arrow(kind, end(x), end(x + 32));
  return x + 41;
}

function isArrow(kind: BoxKind | ArrowKind): kind is ArrowKind {
  return kind in ARROW_TEXTS;
}
