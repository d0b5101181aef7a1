/** Why something is refused, by what the caller can do about it. */

export interface Fault {
  readonly field: string;
  /** A sentence that goes after the field's name. */
  readonly message: string;
}

/** Send other values. */
export class InvalidValues extends Error {
  override readonly name = 'InvalidValues';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ field, message }) => `${field} ${message}`).join('; '));
    this.faults = faults;
  }
}

/** Sign in instead, or take another e-mail. */
export class EmailTaken extends Error {
  override readonly name = 'EmailTaken';

  constructor() {
    super('there is an account with this e-mail address');
  }
}

/** There is nothing to be changed: it never was, or it is closed. */
export class UnknownAccount extends Error {
  override readonly name = 'UnknownAccount';

  constructor(accountId: string) {
    super(`there is no account ${accountId}`);
  }
}

/** Type it again. Says no more than this, whatever was wrong. */
export class WrongCredentials extends Error {
  override readonly name = 'WrongCredentials';

  constructor() {
    super('e-mail address or password is wrong');
  }
}

/** Type the old one again, to set a new one. */
export class WrongOldPassword extends Error {
  override readonly name = 'WrongOldPassword';

  constructor() {
    super('the old password is wrong');
  }
}

/** Somebody else has changed the same just now: look, then do it again. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';

  constructor(accountId: string) {
    super(`the password of ${accountId} was changed at the same time`);
  }
}

/** Come back later. A change may have been made all the same, when the answer to it was lost. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  readonly retryAfterS: number;

  constructor(message: string, retryAfterS: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterS = retryAfterS;
  }
}
