import { toJson, topics, type AlertRaised } from '#schemas';
import { alertRow, tableHead } from './alert-table.ts';
import type { Difference } from './differences.ts';
import type { Colour } from './io.ts';

type Paint = (colour: Colour, text: string) => string;

const WIDTH = 10;
const COLOURS = { missing: 'red', extra: 'yellow', different: 'magenta' } as const;

/** The head of the table whose rows are `differenceRow`. */
export function differenceHead(paint: Paint): string {
  return `${paint('bold', ''.padEnd(WIDTH))}${tableHead(paint)}`;
}

/** One row, or two where both sides have it: as it was published, and as it is replayed. */
export function differenceRow(each: Difference, paint: Paint): string {
  const row = (word: string, alert: AlertRaised) =>
    `${paint(COLOURS[each.difference], word.padEnd(WIDTH))}${alertRow(alert, paint)}`;
  switch (each.difference) {
    case 'missing':
      return row('missing', each.replayed);
    case 'extra':
      return row('extra', each.published);
    case 'different':
      return `${row('published', each.published)}\n${row('replayed', each.replayed)}`;
  }
}

/** One JSON object. */
export function differenceLine({ difference, published, replayed }: Difference): string {
  const json = (alert: AlertRaised | null) => alert && toJson(topics.alertRaised, alert);
  return JSON.stringify({ difference, published: json(published), replayed: json(replayed) });
}
