/**
 * What an account may be made of. Each rule takes a text as it was typed and answers the form that is kept, or what is
 * wrong with it, as a sentence that goes after the field's name.
 */

export type Checked<T> = { readonly value: T } | { readonly fault: string };

export const ROLES = ['shopper', 'operator'] as const;
export type Role = (typeof ROLES)[number];

const MAX_EMAIL_BYTES = 254;
const MAX_LOCAL_BYTES = 64;
const MAX_DISPLAY_NAME = 60;
const MIN_PASSWORD = 10;
const MAX_PASSWORD = 200;

const LOCAL_PART = /^[^\s@<>()[\],;:\\"\p{C}]+$/u;
const LABEL = '[\\p{L}\\p{N}]([\\p{L}\\p{M}\\p{N}-]*[\\p{L}\\p{M}\\p{N}])';
const DOMAIN = new RegExp(`^(${LABEL}?\\.)+${LABEL}$`, 'u');
/** Controls, and those that turn the direction of the text around a name. */
const UNPRINTABLE = /[\p{Cc}\p{Cn}\p{Co}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** The first ones of every list of leaked passwords that are long enough. */
const COMMON: ReadonlySet<string> = new Set([
  '0123456789',
  '1234567890',
  '12345678910',
  '123456789a',
  '1q2w3e4r5t',
  '1qaz2wsx3edc',
  'administrator',
  'iloveyou123',
  'letmein123',
  'password12',
  'password123',
  'password1234',
  'passwordpassword',
  'q1w2e3r4t5',
  'qwerty12345',
  'qwerty123456',
  'qwertyuiop',
  'welcome123',
]);

/** Trimmed, in lower case, NFKC: two e-mails are the same when this is. It may be no e-mail at all. */
export function normalEmail(typed: string): string {
  // Lower case may take a text out of its normal form.
  return typed.normalize('NFKC').toLowerCase().normalize('NFKC').trim();
}

/** @example checkEmail(' Hana@Example.JP '); // { value: 'hana@example.jp' } */
export function checkEmail(typed: string): Checked<string> {
  const value = normalEmail(typed);
  if (value === '') return { fault: 'is missing' };
  if (Buffer.byteLength(value) > MAX_EMAIL_BYTES)
    return { fault: `has more than ${MAX_EMAIL_BYTES} bytes` };
  const [local = '', domain = '', ...more] = value.split('@');
  const isEmail = LOCAL_PART.test(local) && DOMAIN.test(domain) && more.length === 0;
  if (!isEmail || Buffer.byteLength(local) > MAX_LOCAL_BYTES)
    return { fault: 'is no e-mail address, such as hana@example.jp' };
  return { value };
}

/** As it is hashed: the same password typed on another keyboard has the same form. */
export function normalPassword(typed: string): string {
  return typed.normalize('NFKC');
}

/** @param email in its normal form; a password must not be it */
export function checkPassword(typed: string, email: string): Checked<string> {
  const value = normalPassword(typed);
  // Halves of characters would all be hashed alike.
  if (!value.isWellFormed()) return { fault: 'has a broken character' };
  const length = charactersOf(value);
  if (length < MIN_PASSWORD) return { fault: `has less than ${MIN_PASSWORD} characters` };
  if (length > MAX_PASSWORD) return { fault: `has more than ${MAX_PASSWORD} characters` };
  const plain = value.toLowerCase();
  if (plain === email || plain === email.split('@')[0])
    return { fault: 'is the e-mail address; choose one that nobody can guess' };
  if (COMMON.has(plain) || new Set(plain).size === 1)
    return { fault: 'is one of the most common ones; choose one that nobody can guess' };
  return { value };
}

/** A name for people to read: NFC, without space around it, single spaces inside. */
export function checkDisplayName(typed: string): Checked<string> {
  const value = typed.normalize('NFC').replace(/\s+/gu, ' ').trim();
  if (value === '') return { fault: 'is missing' };
  if (!value.isWellFormed() || UNPRINTABLE.test(value))
    return { fault: 'has a character that can not be shown' };
  if (charactersOf(value) > MAX_DISPLAY_NAME)
    return { fault: `has more than ${MAX_DISPLAY_NAME} characters` };
  return { value };
}

/** Known roles, each once, in their own order; at least one. */
export function checkRoles(given: readonly string[]): Checked<readonly Role[]> {
  const unknown = given.filter((each) => !ROLES.some((role) => role === each));
  if (unknown.length > 0)
    return { fault: `has ${unknown.join(', ')}, expected some of ${ROLES.join(', ')}` };
  const value = ROLES.filter((role) => given.includes(role));
  return value.length === 0 ? { fault: 'is empty' } : { value };
}

/** As a database counts them, and not halves of them. */
function charactersOf(text: string): number {
  return Array.from(text).length;
}
