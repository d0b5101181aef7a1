import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyedWork } from './keyed-work.ts';
import type { ConsumedBatch, ConsumedRecord } from './partition-feed.ts';
import type { PartitionTransactions } from './partition-transactions.ts';

interface Commit {
  readonly outputs: readonly string[];
  readonly position: number | undefined;
}

/** Runs until everything is committed, or it fails. */
async function run(
  keys: readonly string[],
  {
    handle,
    concurrency = 4,
    batchSize = 3,
    failCommit = false,
  }: {
    handle: (record: ConsumedRecord, signal: AbortSignal) => Promise<void>;
    concurrency?: number;
    batchSize?: number;
    failCommit?: boolean;
  },
): Promise<Commit[]> {
  const commits: Commit[] = [];
  const stop = new AbortController();
  const transactions = {
    begin: () => Promise.resolve(new Map([['t', 0]])),
    commit(outputs: readonly { key: Buffer | null }[], positions: ReadonlyMap<string, number>) {
      if (failCommit) return Promise.reject(new Error('fenced'));
      const position = positions.get('t');
      commits.push({ outputs: outputs.map(({ key }) => key!.toString()), position });
      if (position === keys.length) stop.abort();
      return Promise.resolve();
    },
  } as unknown as PartitionTransactions;
  const records = keys.map((key, offset) => recordOf(key, offset));
  await keyedWork({
    transactions: () => transactions,
    concurrency,
    handle: async (record, signal) => {
      await handle(record, signal);
      const key = Buffer.from(`${record.key}@${record.offset}`);
      return [{ topic: 'out', key, value: null, headers: {} }];
    },
  })({
    partition: 0,
    signal: stop.signal,
    async *read() {
      for (let i = 0; i < records.length; i += batchSize) {
        await Promise.resolve();
        yield batchOf(records.slice(i, i + batchSize));
      }
      await new Promise<void>((resolve) => {
        if (stop.signal.aborted) resolve();
        stop.signal.addEventListener('abort', () => resolve());
      });
    },
  });
  return commits;
}

function recordOf(key: string, offset: number): ConsumedRecord {
  const raw = { key: Buffer.from(key), value: null, offset, timestamp: 0, headers: {} };
  return { topic: 't', partition: 0, offset, key, value: offset, timestamp: 0, headers: {}, raw };
}

function batchOf(records: readonly ConsumedRecord[]): ConsumedBatch {
  return { records, letters: [], positions: new Map([['t', records.at(-1)!.offset + 1]]) };
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};

test('each record is done, those of one key in their order, and commits never run ahead', async () => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 40 });
  const pace = fc.func(fc.nat(12));
  await fc.assert(
    fc.asyncProperty(
      keys,
      pace,
      fc.integer({ min: 1, max: 5 }),
      async (all, paceOf, concurrency) => {
        const begun: string[] = [];
        const running = new Set<string>();
        const commits = await run(all, {
          concurrency,
          handle: async ({ key, offset }) => {
            expect(running).not.toContain(key);
            running.add(key);
            expect(running.size).toBeLessThanOrEqual(concurrency);
            begun.push(`${key}@${offset}`);
            await turns(paceOf(offset));
            running.delete(key);
          },
        });
        const done = new Set<string>();
        for (const { outputs, position } of commits) {
          for (const output of outputs) done.add(output);
          all.slice(0, position).forEach((key, i) => expect(done).toContain(`${key}@${i}`));
        }
        expect(done.size).toBe(all.length);
        expect(begun).toHaveLength(all.length);
        for (const key of new Set(all)) {
          const own = begun.filter((each) => each.startsWith(`${key}@`));
          const inOrder = all.flatMap((each, i) => (each === key ? [`${key}@${i}`] : []));
          expect(own).toEqual(inOrder);
        }
      },
    ),
  );
});

test('a slow key holds up the offset, and nobody else', async () => {
  const slow = Promise.withResolvers<undefined>();
  const commits: string[] = [];
  const finished = run(['slow', 'a', 'b', 'c', 'a'], {
    handle: async ({ key, offset }) => {
      if (key === 'slow') await slow.promise;
      commits.push(`${key}@${offset}`);
      if (commits.length === 4) slow.resolve(undefined);
    },
  });
  const all = await finished;
  expect(commits).toEqual(['a@1', 'b@2', 'c@3', 'a@4', 'slow@0']);
  expect(all.slice(0, -1).every(({ position }) => position === 0)).toBe(true);
  expect(all.at(-1)!.position).toBe(5);
});

describe('what fails ends it, to begin again from the last commit', () => {
  test('a record', async () => {
    const failed = run(['a', 'b'], {
      handle: ({ key }) => (key === 'b' ? Promise.reject(new Error('boom')) : Promise.resolve()),
    });
    await expect(failed).rejects.toThrow('boom');
  });

  test('a commit', async () => {
    const failed = run(['a'], { handle: () => Promise.resolve(), failCommit: true });
    await expect(failed).rejects.toThrow('fenced');
  });
});
