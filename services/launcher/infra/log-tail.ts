import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';

const MOST_BYTES = 32_768;

/** The last lines of a log file, without empty ones; none when there is no such file. */
export function lastLines(file: string, count = 20): string[] {
  if (!existsSync(file)) return [];
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, MOST_BYTES));
    readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer.toString('utf8').split(/[\r\n]+/);
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } finally {
    closeSync(handle);
  }
}

/** Keeps the log of the run before as `<file>.1`, so that each run's log begins with its start. */
export function rotate(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.1`);
}
