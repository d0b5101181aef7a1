import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { TryLater } from './errors.ts';

/** Costs of Argon2id. @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
export interface HashCosts {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

export interface PasswordHasherOptions {
  readonly costs?: HashCosts;
  /** Hashes at once; default: as many as there are cores. Each has its memory. */
  readonly concurrency?: number;
  /** How many may wait for their turn. */
  readonly maxWaiting?: number;
  readonly onHashed?: (seconds: number) => void;
}

export interface Verification {
  readonly matches: boolean;
  /** Made with other costs than those of today: make it anew while the password is known. */
  readonly isOutdated: boolean;
}

const OWASP: HashCosts = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** At some 30 ms each and two at once, the last one waits for about a second. */
const MAX_WAITING = 64;
const RETRY_AFTER_S = 2;
const NOBODYS_PASSWORD = 'nobody has this password';

/**
 * Argon2id, some at a time. Hashing is meant to be expensive: without a bound, a flood of sign-ins would take all memory, and
 * whoever waits too long has given up anyway.
 *
 * @throws {TryLater} from each method, when too many wait already
 */
export class PasswordHasher {
  readonly #costs: HashCosts;
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #onHashed: (seconds: number) => void;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #nobodys: string | undefined;

  constructor(options: PasswordHasherOptions = {}) {
    this.#costs = options.costs ?? OWASP;
    this.#concurrency = options.concurrency ?? availableParallelism();
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
    this.#onHashed = options.onHashed ?? (() => undefined);
  }

  /** In the form that says its costs: `$argon2id$v=19$m=19456,t=2,p=1$…`. */
  hash(password: string): Promise<string> {
    // Argon2id is the package's default.
    return this.#inTurn(() => hash(password, this.#costs));
  }

  /** @param hashed empty or undefined, when there is no such account: takes as long, and does not match */
  async verify(hashed: string | undefined, password: string): Promise<Verification> {
    const isKnown = hashed !== undefined && hashed !== '';
    const against = isKnown ? hashed : (this.#nobodys ??= await this.hash(NOBODYS_PASSWORD));
    const matches = await this.#inTurn(() => verify(against, password));
    return { matches: isKnown && matches, isOutdated: this.#isOutdated(against) };
  }

  /** So that the first sign-in with an unknown e-mail does not take twice as long as others. */
  async warmUp(): Promise<void> {
    this.#nobodys ??= await this.hash(NOBODYS_PASSWORD);
  }

  #isOutdated(hashed: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(hashed);
    const costs = this.#costs;
    return (
      !hashed.startsWith('$argon2id$v=19$') ||
      memoryCost !== costs.memoryCost ||
      timeCost !== costs.timeCost ||
      parallelism !== costs.parallelism
    );
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#concurrency) this.#running++;
    else {
      if (this.#waiting.length >= this.#maxWaiting)
        throw new TryLater('too many passwords are being checked', RETRY_AFTER_S);
      // Its turn is handed over by the one that ends.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#onHashed((performance.now() - startedAt) / 1000);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
