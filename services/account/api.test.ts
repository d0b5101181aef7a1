import { pino } from 'pino';
import { beforeEach, describe, expect, test } from 'vitest';
import { Accounts } from './accounts.ts';
import { accountApi } from './api.ts';
import { makeDemoAccounts } from './demo.ts';
import { TryLater } from './errors.ts';
import { PasswordHasher } from './password-hasher.ts';
import type { AccountRepository } from './repository.ts';
import { memoryAccounts } from './testing/memory-repository.ts';

const NOW = Date.UTC(2026, 10, 1);
const COSTS = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const PASSWORD = 'correct horse battery';
const HANA = { email: 'Hana@Example.jp', password: PASSWORD, displayName: ' Hana ' };
const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

interface Account {
  readonly accountId: string;
  readonly version: number;
}

let repository: AccountRepository;
let outcomes: string[];
let lines: string[];
let changes: number;

beforeEach(() => {
  repository = memoryAccounts();
  outcomes = [];
  lines = [];
  changes = 0;
});

describe('POST /accounts', () => {
  test('signs up: a shopper, with the values in their normal form', async () => {
    const response = await ask('POST', '/accounts', HANA);
    expect(response.status).toBe(201);
    const account = (await response.json()) as Account;
    expect(account).toEqual({
      accountId: expect.stringMatching(/^acc-[\da-f-]{36}$/) as string,
      email: 'hana@example.jp',
      displayName: 'Hana',
      roles: ['shopper'],
      version: 1,
    });
    expect(response.headers.get('location')).toBe(`/accounts/${account.accountId}`);
    expect(changes).toBe(1);
    expect(outcomes).toEqual(['sign-up accepted']);
  });

  test('keeps only a hash of the password, and logs neither', async () => {
    const { accountId } = await signUp();
    const kept = await repository.find(accountId);
    expect(kept?.passwordHash).toMatch(/^\$argon2id\$/);
    expect(JSON.stringify(kept) + lines.join()).not.toContain(PASSWORD);
    expect(lines.join()).not.toMatch(/argon2|hana@/i);
  });

  test('an e-mail that is taken, in whatever spelling: 409', async () => {
    await signUp();
    const response = await ask('POST', '/accounts', { ...HANA, email: 'ＨＡＮＡ@example.jp ' });
    expect(response.status).toBe(409);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(outcomes.at(-1)).toBe('sign-up email_taken');
  });

  test('of 50 sign-ups at once with one e-mail, one becomes an account', async () => {
    const app = api();
    const all = Array.from({ length: 50 }, () => ask('POST', '/accounts', HANA, {}, app));
    const statuses = (await Promise.all(all)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 409)]);
    expect(await repository.countUnpublished()).toBe(1);
  });

  test('says everything that is wrong at once: 422', async () => {
    const wrong = { email: 'hana', password: 'short', displayName: ' ' };
    const response = await ask('POST', '/accounts', wrong);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      title: 'Unprocessable Content',
      faults: [
        { field: 'email', message: 'is no e-mail address, such as hana@example.jp' },
        { field: 'password', message: 'has less than 10 characters' },
        { field: 'displayName', message: 'is missing' },
      ],
    });
  });

  test.each([
    [
      { ...HANA, roles: ['operator'] },
      { field: 'roles', message: 'is not known' },
    ],
    [
      { ...HANA, email: 1 },
      { field: 'email', message: 'is no string' },
    ],
    [
      { email: HANA.email, password: PASSWORD },
      { field: 'displayName', message: 'is missing' },
    ],
    [[], { field: 'body', message: 'is no object' }],
  ])('%j has another shape: 422', async (body, fault) => {
    const response = await ask('POST', '/accounts', body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ faults: [fault] });
  });

  test('no JSON is a 400, and too much of it a 413', async () => {
    const send = (body: string) => api().request('/accounts', { method: 'POST', body });
    expect((await send('{')).status).toBe(400);
    const large = await send(JSON.stringify({ ...HANA, displayName: 'x'.repeat(17_000) }));
    expect(large.status).toBe(413);
    expect(large.headers.get('correlation-id')).not.toBeNull();
  });
});

describe('POST /accounts/verify', () => {
  test('answers the account to its e-mail and password', async () => {
    const account = await signUp();
    const response = await verify(' HANA@example.jp', PASSWORD);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(account);
    expect(changes).toBe(1);
  });

  test('wrong password, unknown e-mail and closed account: the same 401, and the same work', async () => {
    const { accountId } = await ask('POST', '/accounts', {
      ...HANA,
      email: 'taro@example.jp',
    }).then((each) => each.json() as Promise<Account>);
    await ask('DELETE', `/accounts/${accountId}`);
    await signUp();
    let hashes = 0;
    const hasher = new PasswordHasher({ costs: COSTS, onHashed: () => hashes++ });
    await hasher.warmUp();
    const app = api({ hasher });
    const bodies = [];
    for (const [email, password] of [
      [HANA.email, 'wrong horse battery'],
      ['nobody@example.jp', PASSWORD],
      ['taro@example.jp', PASSWORD],
      ['no e-mail \ud800', ''],
    ] as const) {
      hashes = 0;
      const response = await verify(email, password, app);
      expect([response.status, hashes]).toEqual([401, 1]);
      bodies.push(await response.text());
    }
    expect(new Set(bodies).size).toBe(1);
    expect(outcomes.at(-1)).toBe('sign-in refused');
  });

  test('a hash with the costs of another time is made anew; the account has not changed', async () => {
    const { accountId, version } = await signUp();
    const dearer = new PasswordHasher({ costs: { ...COSTS, timeCost: 3 } });
    expect((await verify(HANA.email, PASSWORD, api({ hasher: dearer }))).status).toBe(200);
    const kept = await repository.find(accountId);
    expect(kept?.passwordHash).toContain('t=3');
    expect(kept?.version).toBe(version);
    expect((await verify(HANA.email, PASSWORD)).status).toBe(200);
  });

  test('too many at once: 503, and when to come back', async () => {
    await signUp();
    const hasher = new PasswordHasher({ costs: COSTS, concurrency: 1, maxWaiting: 1 });
    await hasher.warmUp();
    const app = api({ hasher });
    const all = Array.from({ length: 5 }, () => verify(HANA.email, PASSWORD, app));
    const responses = await Promise.all(all);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503, 503]);
    const refused = responses.find(({ status }) => status === 503);
    expect(refused?.headers.get('retry-after')).toBe('2');
    expect(outcomes).toContain('sign-in try_later');
  });
});

describe('GET, PATCH and DELETE /accounts/{id}', () => {
  test('the account, as long as it is open', async () => {
    const account = await signUp();
    const path = `/accounts/${account.accountId}`;
    expect(await (await ask('GET', path)).json()).toEqual(account);
    expect((await ask('GET', '/accounts/acc-nobody')).status).toBe(404);
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('PATCH', path, { displayName: 'Hanako' })).status).toBe(404);
    expect((await ask('POST', `${path}/roles`, { roles: ['operator'] })).status).toBe(404);
    expect((await ask('DELETE', '/accounts/acc-nobody')).status).toBe(404);
    expect((await ask('POST', '/accounts', HANA)).status).toBe(201); // the e-mail is free
  });

  test('another name', async () => {
    const { accountId } = await signUp();
    const response = await ask('PATCH', `/accounts/${accountId}`, { displayName: 'Hanako' });
    expect(await response.json()).toMatchObject({ displayName: 'Hanako', version: 2 });
  });

  test('another password, for who knows the old one', async () => {
    const { accountId } = await signUp();
    const path = `/accounts/${accountId}`;
    const password = { old: PASSWORD, new: 'a brand-new battery' };
    const wrong = await ask('PATCH', path, { password: { ...password, old: 'no' } });
    expect(wrong.status).toBe(403);
    const weak = await ask('PATCH', path, { password: { ...password, new: 'Hana@example.jp' } });
    expect(await weak.json()).toMatchObject({ status: 422, faults: [{ field: 'password.new' }] });
    expect((await ask('PATCH', path, { password })).status).toBe(200);
    expect((await verify(HANA.email, PASSWORD)).status).toBe(401);
    expect((await verify(HANA.email, password.new)).status).toBe(200);
  });

  test('of two new passwords at once, one is set', async () => {
    const { accountId } = await signUp();
    const app = api();
    const set = (next: string) =>
      ask('PATCH', `/accounts/${accountId}`, { password: { old: PASSWORD, new: next } }, {}, app);
    const both = await Promise.all([set('first new battery'), set('second new battery')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test.each([{}, { email: 'other@example.jp' }, { password: { new: 'a brand-new battery' } }])(
    '%j: 422',
    async (body) => {
      const { accountId } = await signUp();
      expect((await ask('PATCH', `/accounts/${accountId}`, body)).status).toBe(422);
    },
  );
});

describe('POST /accounts/{id}/roles', () => {
  test('puts these in place of those', async () => {
    const { accountId } = await signUp();
    const path = `/accounts/${accountId}/roles`;
    const response = await ask('POST', path, { roles: ['operator', 'shopper'] });
    expect(await response.json()).toMatchObject({ roles: ['shopper', 'operator'], version: 2 });
    expect((await ask('POST', path, { roles: ['admin'] })).status).toBe(422);
  });
});

describe('the trace', () => {
  test('of a request goes with the change, the answer and the log lines', async () => {
    const headers = { 'correlation-id': 'req-1', traceparent: TRACEPARENT };
    const response = await ask('POST', '/accounts', HANA, headers);
    expect(response.headers.get('correlation-id')).toBe('req-1');
    const [waiting] = await repository.unpublished(1);
    expect(waiting?.trace).toEqual(headers);
    expect(lines.join()).toContain('"correlation-id":"req-1"');
  });

  test('is made up where there is none, also for what is refused', async () => {
    const response = await ask('POST', '/accounts', {});
    expect(response.headers.get('correlation-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('what goes wrong', () => {
  test('a database that is away: 503, and when to come back', async () => {
    const away = () => Promise.reject(new TryLater('the database can not be reached', 2));
    const app = api({ repository: { ...repository, findByEmail: away } });
    const response = await ask('POST', '/accounts', HANA, {}, app);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
  });

  test('anything else: 500 that tells nothing, and a line in the log', async () => {
    const broken = () => Promise.reject(new Error('oh: secret'));
    const app = api({ repository: { ...repository, findByEmail: broken } });
    const response = await ask('POST', '/accounts', HANA, {}, app);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(lines.join()).toContain('oh: secret');
  });
});

test('demo accounts are made once, and have their roles', async () => {
  const accounts = useCases();
  await makeDemoAccounts(accounts, PASSWORD);
  await Promise.all([
    makeDemoAccounts(accounts, PASSWORD),
    makeDemoAccounts(accounts, 'another one'),
  ]);
  const response = await verify('ops@example.jp', PASSWORD);
  expect(await response.json()).toMatchObject({ roles: ['shopper', 'operator'], version: 2 });
  expect(await (await verify('hana@example.jp', PASSWORD)).json()).toMatchObject({ version: 1 });
  expect(await repository.countUnpublished()).toBe(3);
});

test('demo accounts that several make at once are the same', async () => {
  const each = [useCases(), useCases(), useCases()];
  await Promise.all(each.map((accounts) => makeDemoAccounts(accounts, PASSWORD)));
  expect(await repository.countUnpublished()).toBe(3);
});

function useCases(more: { hasher?: PasswordHasher; repository?: AccountRepository } = {}) {
  return new Accounts({
    repository,
    hasher: new PasswordHasher({ costs: COSTS }),
    metrics: {
      signUp: (outcome) => outcomes.push(`sign-up ${outcome}`),
      signIn: (outcome) => outcomes.push(`sign-in ${outcome}`),
    },
    onChange: () => changes++,
    now: () => NOW,
    ...more,
  });
}

function api(more?: Parameters<typeof useCases>[0]) {
  const logger = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  return accountApi({ accounts: useCases(more), logger });
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  app = api(),
): Promise<Response> {
  return app.request(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

function verify(email: string, password: string, app = api()): Promise<Response> {
  return ask('POST', '/accounts/verify', { email, password }, {}, app);
}

async function signUp(): Promise<Account> {
  return (await ask('POST', '/accounts', HANA)).json() as Promise<Account>;
}
