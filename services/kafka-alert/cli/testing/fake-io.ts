import { Readable } from 'node:stream';
import type { Io } from '../io.ts';

/** An outside in memory, with what was written to it. */
export interface FakeIo extends Io {
  readonly written: { out: string; err: string };
  readonly interrupt: () => void;
}

export function fakeIo(
  given: {
    stdin?: string | Buffer;
    env?: Record<string, string>;
    isTTY?: boolean;
    now?: () => number;
  } = {},
): FakeIo {
  const written = { out: '', err: '' };
  const interruption = new AbortController();
  const isTTY = given.isTTY ?? false;
  return {
    stdin: Readable.from([Buffer.from(given.stdin ?? '')], { objectMode: false }),
    stdout: { write: (text: string) => (written.out += text), isTTY },
    stderr: { write: (text: string) => (written.err += text), isTTY },
    env: given.env ?? {},
    cwd: '/nowhere',
    now: given.now ?? (() => Date.UTC(2024, 1, 2)),
    interrupted: interruption.signal,
    interrupt: () => {
      interruption.abort();
    },
    written,
  };
}
