import { expect, test } from 'vitest';
import { TryLater } from './errors.ts';
import { PasswordHasher, type HashCosts } from './password-hasher.ts';

const CHEAP: HashCosts = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const PASSWORD = 'correct horse battery';

test('is Argon2id with the costs that OWASP asks for', async () => {
  const hasher = new PasswordHasher();
  const hashed = await hasher.hash(PASSWORD);
  expect(hashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hasher.verify(hashed, PASSWORD)).toEqual({ matches: true, isOutdated: false });
  expect((await hasher.verify(hashed, `${PASSWORD}!`)).matches).toBe(false);
});

test('two hashes of one password differ', async () => {
  const hasher = new PasswordHasher({ costs: CHEAP });
  expect(await hasher.hash(PASSWORD)).not.toBe(await hasher.hash(PASSWORD));
});

test('hashes with other costs are verified, and said to be outdated', async () => {
  const hashed = await new PasswordHasher({ costs: CHEAP }).hash(PASSWORD);
  const dearer = new PasswordHasher({ costs: { ...CHEAP, timeCost: 2 } });
  expect(await dearer.verify(hashed, PASSWORD)).toEqual({ matches: true, isOutdated: true });
});

test.each([undefined, ''])('without a hash (%j) it works as much, and says no', async (hashed) => {
  let hashes = 0;
  const hasher = new PasswordHasher({ costs: CHEAP, onHashed: () => hashes++ });
  await hasher.warmUp();
  hashes = 0;
  expect((await hasher.verify(hashed, PASSWORD)).matches).toBe(false);
  expect((await hasher.verify(hashed, 'nobody has this password')).matches).toBe(false);
  expect(hashes).toBe(2);
});

test('some at a time, some wait, more are sent away; afterwards there is room again', async () => {
  const hasher = new PasswordHasher({ costs: CHEAP, concurrency: 2, maxWaiting: 3 });
  const all = await Promise.allSettled(Array.from({ length: 7 }, () => hasher.hash(PASSWORD)));
  const refused = all.filter((each) => each.status === 'rejected');
  expect(refused.map(({ reason }) => reason as unknown)).toEqual([
    expect.any(TryLater),
    expect.any(TryLater),
  ]);
  const again = Array.from({ length: 5 }, () => hasher.hash(PASSWORD));
  expect(await Promise.all(again)).toHaveLength(5);
});
