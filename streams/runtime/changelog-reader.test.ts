import { describe, expect, test } from 'vitest';
import type { RawRecord } from '../task/input-record.ts';
import { readRange } from './changelog-reader.ts';
import type { FetchedPartition, FetchPosition } from './kafka/kafka.ts';
import { LeapingClock } from './testing/clocks.ts';
import { answer, collectingLogger, kafkaError, stubKafka } from './testing/stub-kafka.ts';

const partition = { topic: 'app-counts-changelog', partition: 2 };

function records(...offsets: readonly number[]): RawRecord[] {
  return offsets.map((offset) => ({ offset, timestamp: 0, key: null, value: null, headers: {} }));
}

type Step = Partial<FetchedPartition> | Error | 'left out';

/** Answers step by step, and keeps what it was asked for. */
function reading(from: number, end: number, steps: readonly Step[], signal?: AbortSignal) {
  const left = [...steps];
  const asked: number[] = [];
  const leaders: number[] = [];
  let refreshed = 0;
  const kafka = stubKafka({
    leader: () => answer(() => 10 + refreshed),
    refresh: () =>
      answer(() => {
        refreshed++;
      }),
    fetch: (leader, [position]: readonly FetchPosition[]) =>
      answer(() => {
        asked.push(position!.offset);
        leaders.push(leader);
        expect(position).toMatchObject(partition);
        const step = left.shift();
        if (step === undefined) throw new Error('asked once too often');
        if (step instanceof Error) throw step;
        if (step === 'left out') return [];
        const none = { error: undefined, records: [], nextOffset: position!.offset };
        return [{ ...partition, ...none, lastStableOffset: 0, logStartOffset: 0, ...step }];
      }),
  });
  const logger = collectingLogger();
  const context = { kafka, clock: new LeapingClock(), logger, ...(signal && { signal }) };
  const chunks = readRange(partition, from, end, context);
  return { asked, leaders, chunks };
}

async function offsetsOf(chunks: ReturnType<typeof readRange>) {
  const read: [number[], number][] = [];
  for await (const chunk of chunks) {
    read.push([chunk.records.map((r) => r.offset), chunk.nextOffset]);
  }
  return read;
}

describe('a range', () => {
  test.each([
    [0, 0],
    [7, 7],
    [9, 7],
  ])('from %d to %d holds nothing, and nothing is asked', async (from, end) => {
    const { chunks, asked } = reading(from, end, []);
    expect(await offsetsOf(chunks)).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('is read chunk by chunk', async () => {
    const { chunks, asked } = reading(3, 8, [
      { records: records(3, 4), nextOffset: 5 },
      { records: records(5, 6, 7), nextOffset: 8 },
    ]);
    expect(await offsetsOf(chunks)).toEqual([
      [[3, 4], 5],
      [[5, 6, 7], 8],
    ]);
    expect(asked).toEqual([3, 5]);
  });

  test('whose last offsets are no records ends all the same', async () => {
    const { chunks, asked } = reading(0, 4, [
      { records: records(0, 1), nextOffset: 2 },
      { records: [], nextOffset: 3 },
      { records: [], nextOffset: 4 },
    ]);
    expect((await offsetsOf(chunks)).flatMap(([offsets]) => offsets)).toEqual([0, 1]);
    expect(asked).toEqual([0, 2, 3]);
  });

  test('leaves out what was written since', async () => {
    const { chunks } = reading(0, 3, [{ records: records(0, 1, 2, 3, 4), nextOffset: 6 }]);
    expect(await offsetsOf(chunks)).toEqual([[[0, 1, 2], 6]]);
  });

  test('is asked for again while the broker has nothing yet', async () => {
    const { chunks, asked } = reading(0, 1, [{}, {}, { records: records(0), nextOffset: 1 }]);
    expect((await offsetsOf(chunks)).flatMap(([offsets]) => offsets)).toEqual([0]);
    expect(asked).toEqual([0, 0, 0]);
  });
});

describe('an error', () => {
  test.each<[string, Step]>([
    ['of the broker', kafkaError('NETWORK')],
    ['of the partition', { error: kafkaError('NOT_LEADER_FOR_PARTITION') }],
    ['that the partition is left out', 'left out'],
  ])('%s that passes is got over, with the leader looked up anew', async (_name, step) => {
    const { chunks, asked, leaders } = reading(4, 6, [
      step,
      { records: records(4, 5), nextOffset: 6 },
    ]);
    expect(await offsetsOf(chunks)).toEqual([[[4, 5], 6]]);
    expect(asked).toEqual([4, 4]);
    expect(leaders).toEqual([10, 11]);
  });

  test('that does not pass is thrown', async () => {
    const error = kafkaError('OFFSET_OUT_OF_RANGE');
    const { chunks } = reading(4, 6, [{ error }]);
    await expect(offsetsOf(chunks)).rejects.toBe(error);
  });
});

describe('when it is to end', () => {
  test('nothing more is read', async () => {
    const stop = new AbortController();
    const chunk = { records: records(0), nextOffset: 1 };
    const { chunks, asked } = reading(0, 5, [chunk], stop.signal);
    for await (const { nextOffset } of chunks) {
      expect(nextOffset).toBe(1);
      stop.abort();
    }
    expect(asked).toEqual([0]);
  });

  test('a fault is not waited out', async () => {
    const stop = new AbortController();
    stop.abort();
    const { chunks, asked } = reading(0, 5, [], stop.signal);
    expect(await offsetsOf(chunks)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
