import type { DeadLetter } from '#kit';
import type { Colour } from './io.ts';
import { printable, shortTime } from './text.ts';

type Paint = (colour: Colour, text: string) => string;

const TIME = 20;
const KIND = 11;
const ATTEMPTS = 4;
const ORIGIN = 40;
const KEY = 24;

/** The head of the table whose rows are `deadLetterRow`. */
export function deadLetterHead(paint: Paint): string {
  const columns = [
    'written (UTC)'.padEnd(TIME),
    'failed at'.padEnd(KIND),
    'sent'.padEnd(ATTEMPTS),
    'from'.padEnd(ORIGIN),
    'key'.padEnd(KEY),
    'reason',
  ];
  return paint('bold', columns.join(' '));
}

export function deadLetterRow(letter: DeadLetter, paint: Paint): string {
  const { kind, attempts, key, reason } = letter;
  return [
    shortTime(letter.writtenAt).padEnd(TIME),
    paint('yellow', kind.padEnd(KIND)),
    String(attempts).padEnd(ATTEMPTS),
    printable(placeOf(letter)).padEnd(ORIGIN),
    printable(key === null ? '' : key.toString()).padEnd(KEY),
    printable(reason.split('\n', 1)[0] ?? ''),
  ].join(' ');
}

/** One JSON object: what is said of the letter, without its value. */
export function deadLetterLine(letter: DeadLetter): string {
  const { kind, node, task, exception, reason, attempts, origin, key, partition, offset } = letter;
  return JSON.stringify({
    topic: origin?.topic ?? null,
    partition: origin?.partition ?? null,
    offset: origin?.offset ?? null,
    key: key?.toString() ?? null,
    kind,
    node,
    task,
    exception,
    reason,
    writtenAt: new Date(letter.writtenAt).toISOString(),
    attempts,
    deadLetter: { partition, offset },
  });
}

/** Where its record comes from, or what there was instead of one. */
export function placeOf({ origin, kind, node }: DeadLetter): string {
  return origin
    ? `${origin.topic}-${String(origin.partition)}@${String(origin.offset)}`
    : `${kind} of ${node}`;
}
