import type { Readable } from 'node:stream';
import { styleText } from 'node:util';

/** 0: done as asked. 1: the answer is "no". 2: wrong use or bad input. */
export type ExitCode = 0 | 1 | 2;

/** Wrong use or bad input: said on stderr, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What a command has of the outside, so that tests can be the outside. */
export interface Io {
  readonly stdin: Readable;
  /** Output only. */
  readonly stdout: Out;
  /** Everything that is said besides. */
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

export type Colour = 'red' | 'yellow' | 'magenta' | 'green' | 'dim' | 'bold';

/** Colours for a terminal; elsewhere, and with NO_COLOR, the text as it is. */
export function paint(io: Io, out: Out): (colour: Colour, text: string) => string {
  const colours = out.isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  return (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text);
}
