import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import type { Publication } from '#kit';
import { topics, type AccountEvent } from '#schemas';
import { evolve, registered, type Change } from './account.ts';
import { AccountRelay, type RelayOptions } from './relay.ts';
import type { AccountRepository } from './repository.ts';
import { memoryAccounts } from './testing/memory-repository.ts';

const NOW = Date.UTC(2026, 10, 1);
const logger = pino({ level: 'silent' });
const trace = { 'correlation-id': 'req-1' };
const SECRET = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$c2VjcmV0';

let repository: AccountRepository;
let sent: Publication[];
beforeEach(() => {
  repository = memoryAccounts();
  sent = [];
});

test('publishes each change, with the trace of its request', async () => {
  await add('hana');
  await relay().publishWaiting();
  expect(sent).toEqual([
    {
      topic: topics.accountEvent,
      headers: trace,
      value: {
        accountId: 'hana',
        type: 'REGISTERED',
        email: 'hana@example.jp',
        displayName: 'hana',
        roles: ['shopper'],
        version: 1,
        occurredAt: NOW,
      },
    },
  ]);
  await change('hana', { type: 'CLOSE' });
  await relay().publishWaiting();
  expect(events()).toEqual(['hana REGISTERED 1', 'hana CLOSED 2']);
  expect(await relay().publishWaiting()).toBe(0);
});

test('of several changes the latest state is published', async () => {
  await add('hana');
  await change('hana', { type: 'SET_ROLES', roles: ['shopper', 'operator'] });
  await change('hana', { type: 'EDIT', displayName: 'Hanako' });
  await relay().publishWaiting();
  expect(events()).toEqual(['hana CHANGED 3']);
});

test('nothing of a password is in what is published', async () => {
  await add('hana');
  await change('hana', { type: 'EDIT', passwordHash: `${SECRET}x` });
  await relay().publishWaiting();
  const bytes = topics.accountEvent.value.encode(sent[0]!.value as AccountEvent);
  for (const part of ['argon2', SECRET, 'c2VjcmV0']) expect(bytes.includes(part)).toBe(false);
  expect(bytes.includes('hana@example.jp')).toBe(true);
});

test('a crash between publication and mark: published again, with the same version', async () => {
  await add('hana');
  const crashing = relay({
    repository: { ...repository, markPublished: () => Promise.reject(new Error('killed')) },
  });
  await expect(crashing.publishWaiting()).rejects.toThrow('killed');
  await relay().publishWaiting();
  expect(events()).toEqual(['hana REGISTERED 1', 'hana REGISTERED 1']);
  expect(await repository.countUnpublished()).toBe(0);
});

test('a change while its account is being published is published, too', async () => {
  await add('hana');
  let isFirst = true;
  const publish = async (publications: readonly Publication[]): Promise<void> => {
    sent.push(...publications);
    if (isFirst) await change('hana', { type: 'EDIT', displayName: 'Hanako' });
    isFirst = false;
  };
  await relay({ publisher: { publish } }).publishWaiting();
  expect(events()).toEqual(['hana REGISTERED 1', 'hana CHANGED 2']);
});

test('several relays at once: each version is there, and none is waited for any more', async () => {
  for (let i = 0; i < 450; i++) await add(`a${i}`);
  await Promise.all([relay(), relay(), relay()].map((each) => each.publishWaiting()));
  expect(new Set(events()).size).toBe(450);
  expect(await repository.countUnpublished()).toBe(0);
});

test('runs: woken by a change, and looking by itself every few seconds', async () => {
  const steps = steppedPause();
  const running = relay({ pause: steps.pause });
  const stop = new AbortController();
  const ended = running.run(stop.signal);
  await steps.reached();
  await add('hana');
  running.wake();
  await steps.reached();
  expect(events()).toEqual(['hana REGISTERED 1']);

  await add('taro'); // by an instance that has ended
  steps.elapse();
  await steps.reached();
  expect(events()).toEqual(['hana REGISTERED 1', 'taro REGISTERED 1']);
  stop.abort();
  await ended;
});

test('a change while it looks is not slept over', async () => {
  const steps = steppedPause();
  const late = relay({
    pause: steps.pause,
    repository: {
      ...repository,
      unpublished: async (limit) => {
        const found = await repository.unpublished(limit);
        if (sent.length === 0 && found.length === 0) {
          await add('hana'); // after the look
          late.wake();
        }
        return found;
      },
    },
  });
  const stop = new AbortController();
  const ended = late.run(stop.signal);
  await steps.reached();
  await steps.reached();
  expect(events()).toEqual(['hana REGISTERED 1']);
  stop.abort();
  await ended;
});

test('Kafka away: DOWN with how many wait; changes do not hasten it; afterwards all is there', async () => {
  const steps = steppedPause();
  let isAway = true;
  let tries = 0;
  const running = relay({
    pause: steps.pause,
    publisher: {
      publish: (publications) => {
        tries++;
        if (isAway) return Promise.reject(new Error('no broker'));
        sent.push(...publications);
        return Promise.resolve();
      },
    },
  });
  expect(await running.health()).toMatchObject({ status: 'DOWN', details: { waiting: 0 } });
  const stop = new AbortController();
  const ended = running.run(stop.signal);
  await steps.reached();
  expect((await running.health()).status).toBe('UP');
  await add('hana');
  running.wake();
  await steps.reached();
  await add('taro');
  running.wake();
  expect(await running.health()).toEqual({
    status: 'DOWN',
    details: { waiting: 2, reason: 'no broker' },
  });
  expect(tries).toBe(1);

  isAway = false;
  steps.elapse();
  await steps.reached();
  expect(events()).toEqual(['hana REGISTERED 1', 'taro REGISTERED 1']);
  expect(await running.health()).toEqual({ status: 'UP', details: { waiting: 0 } });
  stop.abort();
  await ended;
});

test('a repository that is away says nothing of Kafka', async () => {
  const steps = steppedPause();
  const away = () => Promise.reject(new Error('no database'));
  const running = relay({
    pause: steps.pause,
    repository: { ...repository, unpublished: away, countUnpublished: away },
  });
  const stop = new AbortController();
  const ended = running.run(stop.signal);
  await steps.reached();
  expect(await running.health()).toEqual({ status: 'UP', details: { waiting: 'unknown' } });
  stop.abort();
  await ended;
});

/** Time that passes when told. */
function steppedPause() {
  let { promise: atPause, resolve: arrive } = Promise.withResolvers<undefined>();
  let elapse: () => void = () => undefined;
  return {
    pause: (_ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        elapse = resolve;
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve());
        arrive(undefined);
      }),
    /** Until it pauses for the next time. */
    reached: async () => {
      await atPause;
      ({ promise: atPause, resolve: arrive } = Promise.withResolvers<undefined>());
    },
    elapse: () => elapse(),
  };
}

function relay(more: Partial<RelayOptions> = {}): AccountRelay {
  const publish = (publications: readonly Publication[]): Promise<void> => {
    sent.push(...publications);
    return Promise.resolve();
  };
  return new AccountRelay({ repository, publisher: { publish }, logger, ...more });
}

async function add(accountId: string): Promise<void> {
  const values = {
    accountId,
    email: `${accountId}@example.jp`,
    displayName: accountId,
    roles: ['shopper'],
    passwordHash: SECRET,
  } as const;
  await repository.add(registered(values, { now: NOW, trace }));
}

async function change(accountId: string, made: Change): Promise<void> {
  await repository.change(accountId, (current) => evolve(current, made, { now: NOW + 1, trace }));
}

function events(): string[] {
  return sent
    .map(({ value }) => value as AccountEvent)
    .map(({ accountId, type, version }) => `${accountId} ${type} ${version}`);
}
