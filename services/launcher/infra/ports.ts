import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import path from 'node:path';
import { cacheFolder } from '../bootstrap/cache.mjs';
import { tryLock } from '../bootstrap/lock.mjs';

/**
 * Random ports are taken from here: below the ports that the system gives to outgoing connections, so
 * that none of those sits on one by the time it is used.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** The releases of the ports that this process holds. */
const held = new Map<number, () => void>();

/** Whether 127.0.0.1:port can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** A port at random that nobody listens on and no other launcher means to. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (await take(port)) return port;
  }
  throw new Error(`No free port found between ${FIRST} and ${LAST} on 127.0.0.1.`);
}

/** The preferred port if it can be had, else the next one above it that can. */
export async function preferredPort(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + 200; port++) {
    if (await take(port)) return port;
  }
  throw new Error(`No free port found from ${preferred} to ${preferred + 199} on 127.0.0.1.`);
}

/** Lets go of ports; those that this process does not hold are left alone. */
export function giveBack(ports: readonly number[]): void {
  for (const port of ports) {
    held.get(port)?.();
    held.delete(port);
  }
}

/**
 * Seconds pass between the choice of a port and the start of the program that listens on it. A lock
 * keeps a second launcher from choosing the same; else both would, and take the one that was quicker
 * for their own.
 */
async function take(port: number): Promise<boolean> {
  const { release } = tryLock(path.join(cacheFolder(), 'ports', String(port)));
  if (!release) return false;
  if (await isFree(port)) {
    held.set(port, release);
    return true;
  }
  release();
  return false;
}
