import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/**
 * Random ports are taken from here: above what services are registered for by most, and below the
 * ports that the system gives to outgoing connections, so that none of those sits on one by the time
 * it is used.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** What this process has handed out: nothing listens on it yet. */
const handedOut = new Set<number>();

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

/** A port at random that is free now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (!handedOut.has(port) && (await isFree(port))) return handOut(port);
  }
  throw new Error(`No free port found between ${FIRST} and ${LAST} on 127.0.0.1.`);
}

/** The preferred port if it is free, else the next one above it that is. */
export async function preferredPort(preferred: number): Promise<number> {
  for (let port = preferred; port < preferred + 200; port++) {
    if (!handedOut.has(port) && (await isFree(port))) return handOut(port);
  }
  throw new Error(`No free port found from ${preferred} to ${preferred + 199} on 127.0.0.1.`);
}

/** Lets ports that were handed out be handed out again. */
export function giveBack(ports: readonly number[]): void {
  for (const port of ports) handedOut.delete(port);
}

function handOut(port: number): number {
  handedOut.add(port);
  return port;
}
