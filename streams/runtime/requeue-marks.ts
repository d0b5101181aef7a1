import { NO_HEADERS } from '../processor/record.ts';
import type { OutputRecord } from '../task/commit.ts';
import type { RawRecord } from '../task/input-record.ts';

/** A record of the dead-letter topic with this header says which dead letters before it were sent back. */
const MARK_HEADER = '__streams.requeued';

/**
 * The note that dead letters were sent back. It lies behind them in their own partition and as long as they do, and is
 * written in the transaction that sends them: a committed offset alone could not tell of gaps, and would be forgotten by the
 * broker after a week (`offsets.retention.minutes`), since nobody stays in that group.
 */
export function requeueMark(
  topic: string,
  partition: number,
  offsets: readonly number[],
): OutputRecord {
  const headers = { ...NO_HEADERS, [MARK_HEADER]: rangesOf(offsets) };
  return { topic, partition, key: null, value: null, headers };
}

/** The offsets of the dead letters that a mark is about; undefined when it is none. */
export function markedOffsets({ headers }: RawRecord): number[] | undefined {
  const text = headers[MARK_HEADER]?.toString();
  if (text === undefined) return undefined;
  return text.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** `3,7-9`. */
function rangesOf(offsets: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === offset - 1) last[1] = offset;
    else ranges.push([offset, offset]);
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join();
}
