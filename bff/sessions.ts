/**
 * Sessions: who asks, by a cookie that says nothing by itself.
 *
 * S1. The id has 256 random bits and is kept by nobody but the browser; Redis has its hash.
 * S2. A session ends 30 minutes after its last request, and 12 hours after its first.
 * S3. Signing in gives another id and another token: whoever knew the old ones knows nothing.
 * S4. What is kept of a session never changes, so that a request under way can't bring back one that was ended.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Cache } from './cache/cache.ts';
import { role, type Role } from './contract.ts';

export const SLIDING_MS = 30 * 60_000;
export const ABSOLUTE_MS = 12 * 3_600_000;

export interface SignedIn {
  readonly accountId: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

const kept = z.object({
  account: z
    .object({ accountId: z.string(), displayName: z.string(), roles: z.array(role) })
    .nullable(),
  csrfToken: z.string(),
  /** Of the cart as long as nobody is signed in. */
  cartId: z.string(),
  createdAt: z.number(),
});

export interface Session extends Readonly<z.output<typeof kept>> {
  /** What it is known by here: the hash of its id. */
  readonly hash: string;
  readonly expiresAt: number;
  readonly endsAt: number;
}

export class Sessions {
  readonly #cache: Cache;
  readonly #now: () => number;

  constructor(cache: Cache, now: () => number) {
    this.#cache = cache;
    this.#now = now;
  }

  /** Begins one; `id` is for the browser alone. */
  async begin(
    account: SignedIn | null,
  ): Promise<{ readonly id: string; readonly session: Session }> {
    const id = randomBytes(32).toString('base64url');
    const hash = hashOf(id);
    const value = {
      account: account && { ...account, roles: [...account.roles] },
      csrfToken: randomBytes(32).toString('base64url'),
      cartId: randomBytes(16).toString('base64url'),
      createdAt: this.#now(),
    };
    await this.#cache.set(keyOf(hash), JSON.stringify(value), SLIDING_MS);
    if (account)
      await this.#cache.writeMap(
        ofAccount(account.accountId),
        new Map([[hash, String(value.createdAt)]]),
        ABSOLUTE_MS,
      );
    return { id, session: this.#sessionOf(hash, value) };
  }

  /** The session of a cookie, which lives on with this. */
  async find(id: string): Promise<Session | undefined> {
    if (!/^[\w-]{43}$/.test(id)) return undefined;
    const hash = hashOf(id);
    return this.#read(hash, await this.#cache.getAndKeep(keyOf(hash), SLIDING_MS));
  }

  /** Whether it still holds; it does not live on with this. */
  async isAlive(hash: string): Promise<boolean> {
    return (await this.#read(hash, await this.#cache.get(keyOf(hash)))) !== undefined;
  }

  async end({ hash, account }: Session): Promise<void> {
    await this.#cache.delete(keyOf(hash));
    if (account) await this.#cache.removeFromMap(ofAccount(account.accountId), [hash]);
  }

  /** All of the account's sessions, on whatever machine. */
  async endAll(accountId: string): Promise<void> {
    const hashes = [...(await this.#cache.readMap(ofAccount(accountId))).keys()];
    await this.#cache.delete(...hashes.map(keyOf), ofAccount(accountId));
  }

  async #read(hash: string, text: string | undefined): Promise<Session | undefined> {
    if (text === undefined) return undefined;
    const session = this.#sessionOf(hash, kept.parse(JSON.parse(text)));
    if (session.endsAt > this.#now()) return session;
    await this.end(session);
    return undefined;
  }

  #sessionOf(hash: string, value: z.output<typeof kept>): Session {
    const endsAt = value.createdAt + ABSOLUTE_MS;
    return { ...value, hash, endsAt, expiresAt: Math.min(endsAt, this.#now() + SLIDING_MS) };
  }
}

/** Compares in a time that tells nothing. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

function keyOf(hash: string): string {
  return `session:${hash}`;
}

function ofAccount(accountId: string): string {
  return `sessions-of:${accountId}`;
}
