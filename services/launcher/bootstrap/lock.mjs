import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of this id lives, whoever owns it; one that has ended and waits for its parent doesn't. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** An orphan stays a zombie until the machine's first process looks after it, which may take seconds. */
function isZombie(pid) {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false; // No /proc, as on macOS, or gone just now.
  }
}

/** The id of the living process that holds the lock, or undefined. */
export function holderOf(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock, a file with this process's id, or answers who holds it: `{ release }` or `{ heldBy }`.
 * A lock whose holder is gone (a crash, a `kill -9`) is taken over.
 */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  // Written aside and linked into place: nobody ever reads a lock without a pid in it.
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, String(process.pid));
  try {
    for (;;) {
      try {
        linkSync(own, file);
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const heldBy = holderOf(file);
      if (heldBy !== undefined) return { heldBy };
      takeAway(file);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Moves a stale lock aside; of several that try, one finds it there. */
function takeAway(file) {
  const aside = `${file}.stale-${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  // A new holder may have come between the look and the move: give it back.
  if (holderOf(aside) !== undefined) {
    try {
      linkSync(aside, file);
    } catch {
      // Held by yet another one by now.
    }
  }
  rmSync(aside, { force: true });
}

/** Runs `work` while holding the lock; waits for its turn as long as the holder lives. */
export async function withLock(file, work) {
  for (;;) {
    const lock = tryLock(file);
    if (lock.release) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    await sleep(200);
  }
}
