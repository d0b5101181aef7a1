import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InputRecord, RawRecord } from './input-record.ts';
import { PartitionGroup, RecordQueue, type DecodeRecords } from './partition-group.ts';

/** Its event time is its timestamp here. */
function record(offset: number, timestamp: number): RawRecord {
  return { offset, timestamp, key: null, value: null, headers: {} };
}

function unreadable(offset: number): RawRecord {
  return record(offset, NaN);
}

const decode: DecodeRecords = (records) => records.map(decodeOne);

function decodeOne(raw: RawRecord): InputRecord {
  if (Number.isNaN(raw.timestamp)) return { raw, error: new Error('unreadable') };
  return { raw, record: { ...raw, key: 'a', topic: 'pings', partition: 0 } };
}

const nothingMissing = () => false;

describe('a queue', () => {
  test('keeps the order of offsets, whatever the event times', () => {
    const queue = new RecordQueue(decode);
    queue.push([record(0, 30), record(1, 10)]);
    queue.push([record(2, 20)]);
    expect([poll(queue), poll(queue), poll(queue), poll(queue)]).toEqual([0, 1, 2, undefined]);
    expect(queue.size).toBe(0);
  });

  test('shows the event time at its head', () => {
    const queue = new RecordQueue(decode);
    expect(queue.headTimestamp).toBe(-Infinity);
    queue.push([record(0, 30), record(1, 10)]);
    queue.push([record(2, 5)]);
    expect(queue.headTimestamp).toBe(30);
    queue.poll();
    expect(queue.headTimestamp).toBe(10);
  });

  test('lets an unreadable record keep its place, behind the one before it', () => {
    const queue = new RecordQueue(decode);
    queue.push([unreadable(0), record(1, 30), unreadable(2)]);
    expect(queue.headTimestamp).toBe(-Infinity);
    queue.poll();
    queue.poll();
    expect(queue.headTimestamp).toBe(30);
    queue.poll();
    queue.push([unreadable(3)]);
    expect(queue.headTimestamp).toBe(30);
  });

  test('decodes only what is next to come, some hundred at a time', () => {
    const decoded: number[] = [];
    const queue = new RecordQueue((records) => {
      decoded.push(records.length);
      return decode(records);
    });
    queue.push(Array.from({ length: 1000 }, (_, offset) => record(offset, offset)));
    expect(decoded).toEqual([256]);
    for (let i = 0; i < 256; i++) poll(queue);
    expect(decoded).toEqual([256, 256]);
    expect(queue.size).toBe(744);
    while (queue.size > 0) poll(queue);
    expect(decoded).toEqual([256, 256, 256, 232]);
  });

  test('is a plain queue, however it is filled and emptied', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -400, max: 400 })), (steps) => {
        const queue = new RecordQueue(decode);
        const model: number[] = [];
        let offset = 0;
        for (const step of steps) {
          // Positive: that many records arrive; negative: that many are taken.
          const arriving = Array.from({ length: Math.max(0, step) }, () => offset++);
          queue.push(arriving.map((o) => record(o, 1000 - o)));
          model.push(...arriving);
          for (let i = step; i < 0; i++) expect(poll(queue)).toBe(model.shift());
          expect(queue.size).toBe(model.length);
          if (model.length > 0) expect(queue.headTimestamp).toBe(1000 - model[0]!);
        }
      }),
    );
  });
});

describe('a group', () => {
  test('picks the smallest event time over the heads, the first input of equals', () => {
    const group = new PartitionGroup([decode, decode, decode], nothingMissing);
    group.queues[0]!.push([record(0, 20), record(1, 40)]);
    group.queues[1]!.push([record(0, 10), record(1, 50)]);
    group.queues[2]!.push([record(0, 20)]);
    expect(drain(group)).toEqual(['1:10', '0:20', '2:20', '0:40', '1:50']);
  });

  test('never changes the order within an input', () => {
    const group = new PartitionGroup([decode, decode], nothingMissing);
    group.queues[0]!.push([record(0, 30), record(1, 10)]);
    group.queues[1]!.push([record(0, 20), record(1, 40)]);
    expect(drain(group)).toEqual(['1:20', '0:30', '0:10', '1:40']);
  });

  test('picks nothing while an empty input may have more', () => {
    let missing = true;
    const group = new PartitionGroup([decode, decode], (input) => input === 1 && missing);
    group.queues[0]!.push([record(0, 20)]);
    expect(group.nextInput()).toBe(-1);
    missing = false;
    expect(group.nextInput()).toBe(0);
  });

  test('does not ask about inputs that have records', () => {
    const group = new PartitionGroup([decode, decode], () => true);
    group.queues[0]!.push([record(0, 20)]);
    group.queues[1]!.push([record(0, 10)]);
    expect(group.nextInput()).toBe(1);
    expect(group.size).toBe(2);
  });

  test('picks nothing when there is nothing', () => {
    expect(new PartitionGroup([decode, decode], nothingMissing).nextInput()).toBe(-1);
  });

  test('takes an unreadable record right after the one before it', () => {
    const group = new PartitionGroup([decode, decode], nothingMissing);
    group.queues[0]!.push([record(0, 20), unreadable(1), record(2, 40)]);
    group.queues[1]!.push([record(0, 30)]);
    expect(drain(group)).toEqual(['0:20', '0:unreadable', '1:30', '0:40']);
  });
});

function poll(queue: RecordQueue): number | undefined {
  return queue.poll()?.raw.offset;
}

/** What comes in which order, as `input:event time`. */
function drain(group: PartitionGroup): string[] {
  const order: string[] = [];
  for (let input = group.nextInput(); input !== -1; input = group.nextInput()) {
    const { record } = group.queues[input]!.poll()!;
    order.push(`${input}:${record?.timestamp ?? 'unreadable'}`);
  }
  return order;
}
