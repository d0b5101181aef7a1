/** What a setting may take: each kind reads a text, or says what is wrong with it and what is expected. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const MAX_PORT = 65_535;
/** Far more than makes sense; keeps sums of times whole numbers. */
export const MAX_MS = 100 * 365 * 24 * 3_600_000;

/** A value that `parse` takes; what it throws becomes `…: MESSAGE (got "…"), expected EXPECTED`. */
export function text<T>(expected: string, parse: (value: string) => T) {
  return z.string().transform((value, context): T => {
    try {
      return parse(value);
    } catch (error) {
      context.addIssue(`${(error as Error).message}, expected ${expected}`);
      return z.NEVER;
    }
  });
}

export function whole(min: number, max: number, expected: string) {
  return text(expected, (value) => {
    if (!/^\d+$/.test(value)) throw new Error('is no whole number');
    const number = Number(value);
    if (number < min) throw new Error(`is less than ${String(min)}`);
    if (number > max) throw new Error(`is more than ${String(max)}`);
    return number;
  });
}

export function flag() {
  return text('on or off', (value) => {
    const word = value.toLowerCase();
    if (['on', 'true', 'yes', '1'].includes(word)) return true;
    if (['off', 'false', 'no', '0'].includes(word)) return false;
    throw new Error('is neither on nor off');
  });
}

/** One `host:port`. */
export function address(expected = 'host:port') {
  return text(expected, parseAddress);
}

export function addresses() {
  return text('host:port, several separated by commas', (value) =>
    value.split(',').map((each) => parseAddress(each.trim())),
  );
}

export function port() {
  return whole(0, MAX_PORT, 'a port, or 0 for any free one');
}

export function httpUrl() {
  return text('an address such as http://127.0.0.1:8081', parseHttpUrl);
}

/** A connection's address, such as `mysql://user:password@host:3306/shop`. */
export function connectionUrl(protocol: string) {
  return text(`an address such as ${protocol}://127.0.0.1/name`, (value) => {
    if (URL.parse(value)?.protocol !== `${protocol}:`) throw new Error(`is no ${protocol} address`);
    return value;
  });
}

/** Names of topics and groups, and of folders made from them. */
export function name() {
  return text('at most 200 of a–z, A–Z, 0–9, ".", "_", "-"', (value) => {
    if (!/^[\w.-]{1,200}$/.test(value) || /^\.+$/.test(value)) {
      throw new Error('can not be a name in Kafka');
    }
    return value;
  });
}

/** A PEM file, or its contents (as secrets are often handed over). */
export function pem() {
  return text('a PEM file, or what is in it', (value) => {
    const content = value.includes('-----BEGIN ') ? value : readFile(value);
    if (!content.includes('-----BEGIN ')) throw new Error('is no PEM file');
    return content;
  });
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error('can not be read');
  }
}

export function oneOf<T extends string>(words: readonly T[]): (value: string) => T {
  return (value) => {
    const found = words.find((word) => word === value.toLowerCase());
    if (found === undefined) throw new Error('is not known');
    return found;
  };
}

function parseAddress(value: string): string {
  const port = Number(/^[^\s:/]+:(\d+)$|^\[[\da-f:]+\]:(\d+)$/i.exec(value)?.slice(1).join(''));
  if (!(port > 0 && port <= MAX_PORT)) throw new Error(`has "${value}", which is no address`);
  return value;
}

function parseHttpUrl(value: string): string {
  const url = URL.parse(value);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Error('is no http(s) address');
  }
  return value;
}
