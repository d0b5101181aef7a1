import { v7 as uuidv7 } from 'uuid';
import type { Trace } from '#kit';
import { evolve, registered, type AccountRecord, type Change } from './account.ts';
import {
  ChangedMeanwhile,
  EmailTaken,
  InvalidValues,
  TryLater,
  UnknownAccount,
  WrongCredentials,
  WrongOldPassword,
  type Fault,
} from './errors.ts';
import type { AccountMetrics } from './metrics.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { AccountRepository } from './repository.ts';
import {
  checkDisplayName,
  checkEmail,
  checkPassword,
  checkRoles,
  normalEmail,
  normalPassword,
  type Checked,
  type Role,
} from './values.ts';

export interface AccountsOptions {
  readonly repository: AccountRepository;
  readonly hasher: PasswordHasher;
  readonly metrics: Pick<AccountMetrics, 'signUp' | 'signIn'>;
  /** After each change: there is something to be published. */
  readonly onChange: () => void;
  readonly now: () => number;
}

export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
}

export interface Edit {
  readonly displayName?: string | undefined;
  readonly password?: { readonly old: string; readonly new: string } | undefined;
}

/** What can be done with accounts. Values come as they were typed; nothing is changed when one of them is wrong. */
export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** @throws {InvalidValues} with a fault for each value that is wrong @throws {EmailTaken} @throws {TryLater} */
  async signUp(typed: SignUp, trace: Trace): Promise<AccountRecord> {
    const { metrics } = this.#options;
    try {
      const account = await this.#signUp(typed, trace);
      metrics.signUp('accepted');
      return account;
    } catch (error) {
      metrics.signUp(error instanceof EmailTaken ? 'email_taken' : outcomeOf(error));
      throw error;
    }
  }

  async #signUp(typed: SignUp, trace: Trace): Promise<AccountRecord> {
    const { repository, hasher, now } = this.#options;
    const faults = new Faults();
    const email = faults.take('email', checkEmail(typed.email));
    const password = faults.take(
      'password',
      checkPassword(typed.password, normalEmail(typed.email)),
    );
    const displayName = faults.take('displayName', checkDisplayName(typed.displayName));
    faults.throwAny();
    // Spares the hashing; whose it is, is decided when it is added.
    if (await repository.findByEmail(email)) throw new EmailTaken();
    const passwordHash = await hasher.hash(password);
    const account = registered(
      {
        accountId: `acc-${uuidv7()}`,
        email,
        displayName,
        roles: ['shopper'],
        passwordHash,
      },
      { now: now(), trace },
    );
    await repository.add(account);
    this.#options.onChange();
    return account;
  }

  /**
   * The account of an e-mail and its password. It takes as long for one that is not there.
   * @throws {WrongCredentials} whatever is wrong @throws {TryLater}
   */
  async verify(typedEmail: string, typedPassword: string): Promise<AccountRecord> {
    const { repository, hasher, metrics } = this.#options;
    try {
      const account = await repository.findByEmail(normalEmail(typedEmail));
      const password = normalPassword(typedPassword);
      const { matches, isOutdated } = await hasher.verify(account?.passwordHash, password);
      if (!account || !matches) throw new WrongCredentials();
      if (isOutdated) await this.#rehash(account, password);
      metrics.signIn('accepted');
      return account;
    } catch (error) {
      metrics.signIn(error instanceof WrongCredentials ? 'refused' : outcomeOf(error));
      throw error;
    }
  }

  /** @throws {UnknownAccount} also when it is closed @throws {TryLater} */
  async find(accountId: string): Promise<AccountRecord> {
    return open(accountId, await this.#options.repository.find(accountId));
  }

  async findByEmail(typed: string): Promise<AccountRecord | undefined> {
    return this.#options.repository.findByEmail(normalEmail(typed));
  }

  /**
   * Another name, another password, or both at once.
   * @throws {InvalidValues} @throws {UnknownAccount} @throws {TryLater}
   * @throws {WrongOldPassword}
   * @throws {ChangedMeanwhile} when the password was changed by somebody else at the same time
   */
  async edit(accountId: string, typed: Edit, trace: Trace): Promise<AccountRecord> {
    const { hasher } = this.#options;
    const account = await this.find(accountId);
    const faults = new Faults();
    const displayName =
      typed.displayName === undefined
        ? undefined
        : faults.take('displayName', checkDisplayName(typed.displayName));
    const password =
      typed.password === undefined
        ? undefined
        : faults.take('password.new', checkPassword(typed.password.new, account.email));
    faults.throwAny();

    let passwordHash: string | undefined;
    if (typed.password !== undefined && password !== undefined) {
      const old = await hasher.verify(account.passwordHash, normalPassword(typed.password.old));
      if (!old.matches) throw new WrongOldPassword();
      passwordHash = await hasher.hash(password);
    }
    const change: Change = {
      type: 'EDIT',
      ...(displayName !== undefined && { displayName }),
      ...(passwordHash !== undefined && { passwordHash }),
    };
    return this.#change(accountId, change, trace, (current) => {
      // The old password was the old one of this hash only.
      if (passwordHash !== undefined && current.passwordHash !== account.passwordHash)
        throw new ChangedMeanwhile(accountId);
    });
  }

  /** @throws {InvalidValues} @throws {UnknownAccount} @throws {TryLater} */
  async setRoles(
    accountId: string,
    given: readonly string[],
    trace: Trace,
  ): Promise<AccountRecord> {
    const faults = new Faults();
    const roles: readonly Role[] = faults.take('roles', checkRoles(given));
    faults.throwAny();
    return this.#change(accountId, { type: 'SET_ROLES', roles }, trace);
  }

  /** For good; its e-mail can be used again. Does nothing when it is closed. @throws {UnknownAccount} @throws {TryLater} */
  async close(accountId: string, trace: Trace): Promise<void> {
    const { repository, now, onChange } = this.#options;
    const closed = await repository.change(accountId, (current) =>
      evolve(current, { type: 'CLOSE' }, { now: now(), trace }),
    );
    if (!closed) throw new UnknownAccount(accountId);
    onChange();
  }

  async #change(
    accountId: string,
    change: Change,
    trace: Trace,
    check: (current: AccountRecord) => void = () => undefined,
  ): Promise<AccountRecord> {
    const { repository, now, onChange } = this.#options;
    const changed = await repository.change(accountId, (found) => {
      const current = open(accountId, found);
      check(current);
      return evolve(current, change, { now: now(), trace });
    });
    onChange();
    return open(accountId, changed);
  }

  /** Its costs have changed since it was made. Who has signed in is not kept from it when this fails. */
  async #rehash({ accountId, passwordHash }: AccountRecord, password: string): Promise<void> {
    const { repository, hasher } = this.#options;
    try {
      await repository.rehash(accountId, passwordHash, await hasher.hash(password));
    } catch (error) {
      if (!(error instanceof TryLater)) throw error;
    }
  }
}

/** Collects what is wrong, so that everything can be said at once. */
class Faults {
  readonly #faults: Fault[] = [];

  /** The value; after a fault, something that is not used, since `throwAny` comes first. */
  take<T>(field: string, checked: Checked<T>): T {
    if ('value' in checked) return checked.value;
    this.#faults.push({ field, message: checked.fault });
    return undefined as T;
  }

  throwAny(): void {
    if (this.#faults.length > 0) throw new InvalidValues(this.#faults);
  }
}

function open(accountId: string, account: AccountRecord | undefined): AccountRecord {
  if (!account || account.closedAt !== null) throw new UnknownAccount(accountId);
  return account;
}

function outcomeOf(error: unknown): 'invalid' | 'try_later' | 'failed' {
  if (error instanceof InvalidValues) return 'invalid';
  return error instanceof TryLater ? 'try_later' : 'failed';
}
