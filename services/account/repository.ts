import type { AccountRecord } from './account.ts';

/** Which state of an account is in Kafka. */
export interface Published {
  readonly accountId: string;
  readonly version: number;
}

/**
 * Where accounts are kept, and at the same time the outbox of their events: each account knows its version and the latest
 * published one, so whatever commits a change commits that its event has to follow.
 *
 * Each method throws `TryLater` when the store can't be asked.
 */
export interface AccountRepository {
  /** @throws {EmailTaken} when another one has its e-mail */
  add(account: AccountRecord): Promise<void>;
  find(accountId: string): Promise<AccountRecord | undefined>;
  /** @param email in its normal form */
  findByEmail(email: string): Promise<AccountRecord | undefined>;
  /**
   * Puts what `change` makes of the account in its place, while nobody else changes it. What it throws leaves the account as it
   * was, and so does returning the same object. It may be called more than once.
   *
   * @returns the account as it is then; undefined when there is none
   */
  change(
    accountId: string,
    change: (current: AccountRecord) => AccountRecord,
  ): Promise<AccountRecord | undefined>;
  /** Another hash of the same password: no change of the account. Nothing, when the password is another one by now. */
  rehash(accountId: string, from: string, to: string): Promise<void>;
  /** Those whose latest state is not published, the longest waiting ones first. */
  unpublished(limit: number): Promise<readonly AccountRecord[]>;
  countUnpublished(): Promise<number>;
  /** Only ever forward: several may publish the same, and one of them may be late. */
  markPublished(published: readonly Published[]): Promise<void>;
}
