/**
 * Everything that happened, one JSON line each, appended before anybody is told of it: what was answered is there after
 * a kill, too.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '#kit';
import { entrySchema, type Entry } from './domain/events.ts';

const NEWLINE = 0x0a;

/** What the sandbox needs of a journal. */
export interface EntryLog {
  /** @throws when it can't be kept; it is as if it had not been tried then */
  append(entry: Entry): void;
}

/** A journal in a file. */
export class Journal implements EntryLog {
  readonly path: string;
  readonly #fd: number;
  #size: number;
  #fault: Error | undefined;
  #closed = false;

  private constructor(path: string, fd: number, size: number) {
    this.path = path;
    this.#fd = fd;
    this.#size = size;
  }

  /**
   * Opens the journal, which is made with its folder if there is none, and hands its entries over in their order. A last
   * line without its end was being written when the process died: nobody was told of it, so it is dropped.
   *
   * @param onEntry may throw: the journal is not used then
   * @throws naming the file and the line that can't be read or applied
   */
  static open(
    path: string,
    onEntry: (entry: Entry) => void,
    logger: Pick<Logger, 'warn'>,
  ): Journal {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, 'a+');
    try {
      const content = readFileSync(path);
      const size = content.lastIndexOf(NEWLINE) + 1;
      const lines = content.toString('utf8', 0, size).split('\n').slice(0, -1);
      for (const [i, line] of lines.entries()) load(line, `${path}:${String(i + 1)}`, onEntry);
      if (size < content.length) {
        const place = `${path}:${String(lines.length + 1)}`;
        logger.warn({ bytes: content.length - size }, `${place}: the last line is torn: dropped`);
        ftruncateSync(fd, size);
      }
      return new Journal(path, fd, size);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  append(entry: Entry): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    // Its descriptor may be another file's by now.
    if (this.#closed) throw new Error(`${this.path} can't be written: it is closed`);
    try {
      // Half a line before the next one would make both unreadable.
      if (this.#fault) ftruncateSync(this.#fd, this.#size);
      for (let done = 0; done < line.length;) done += writeSync(this.#fd, line, done);
      this.#size += line.length;
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error as Error;
      throw new Error(`${this.path} can't be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Why nothing can be kept; undefined: as far as is known, everything can. */
  check(): string | undefined {
    if (this.#fault) return this.#fault.message;
    const { size, nlink } = fstatSync(this.#fd);
    if (nlink === 0) return `${this.path} was deleted: what happens now is lost with the process`;
    if (size === this.#size) return undefined;
    return `${this.path} has ${String(size)} bytes instead of ${String(this.#size)}: does another process write it?`;
  }

  close(): void {
    this.#closed = true;
    closeSync(this.#fd);
  }
}

function load(line: string, place: string, onEntry: (entry: Entry) => void): void {
  try {
    onEntry(entrySchema.parse(JSON.parse(line)));
  } catch (error) {
    const what = `${place}: can't be used: ${(error as Error).message}`;
    throw new Error(`${what}; mend the line, or move the file away to begin anew`, {
      cause: error,
    });
  }
}
