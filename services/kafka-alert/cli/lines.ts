import { isUtf8 } from 'node:buffer';

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; undefined when it is not UTF-8. */
  readonly text: string | undefined;
}

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The lines of a stream of bytes, as many at a time as a chunk completes. Lines end with LF or CRLF, the last one may
 * lack it; a byte order mark and blank lines are left out, but counted.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  // A long line comes in many chunks; they are joined once, when it ends.
  let open: Buffer[] = [];
  let number = 0;

  const line = (last: Buffer): Line | undefined => {
    number += 1;
    const bytes = withoutMarks(open.length === 0 ? last : Buffer.concat([...open, last]), number);
    open = [];
    if (!isUtf8(bytes)) return { number, text: undefined };
    const text = bytes.toString('utf8');
    return text.trim() === '' ? undefined : { number, text };
  };

  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const next = line(chunk.subarray(start, end));
      if (next) lines.push(next);
      start = end + 1;
    }
    if (start < chunk.length) open.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  const last = open.length === 0 ? undefined : line(Buffer.alloc(0));
  if (last) yield [last];
}

function withoutMarks(bytes: Buffer, number: number): Buffer {
  const start = number === 1 && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
  const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
  return bytes.subarray(start, end);
}
