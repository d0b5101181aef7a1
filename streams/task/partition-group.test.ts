import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InputRecord } from './input-record.ts';
import { PartitionGroup, RecordQueue } from './partition-group.ts';

function record(offset: number, timestamp: number): InputRecord {
  const raw = { offset, timestamp: 0, key: null, value: null, headers: {} };
  return {
    raw,
    record: { ...raw, key: 'a', value: null, timestamp, topic: 'pings', partition: 0 },
  };
}

function unreadable(offset: number): InputRecord {
  const raw = { offset, timestamp: 0, key: null, value: null, headers: {} };
  return { raw, error: new Error('unreadable') };
}

const nothingMissing = () => false;

describe('a queue', () => {
  test('keeps the order of offsets, whatever the event times', () => {
    const queue = new RecordQueue();
    queue.push([record(0, 30), record(1, 10)]);
    queue.push([record(2, 20)]);
    expect([poll(queue), poll(queue), poll(queue), poll(queue)]).toEqual([0, 1, 2, undefined]);
    expect(queue.size).toBe(0);
  });

  test('shows the event time at its head', () => {
    const queue = new RecordQueue();
    expect(queue.headTimestamp).toBe(-Infinity);
    queue.push([record(0, 30), record(1, 10)]);
    queue.push([record(2, 5)]);
    expect(queue.headTimestamp).toBe(30);
    queue.poll();
    expect(queue.headTimestamp).toBe(10);
  });

  test('lets an unreadable record keep its place, behind the one before it', () => {
    const queue = new RecordQueue();
    queue.push([unreadable(0), record(1, 30), unreadable(2)]);
    expect(queue.headTimestamp).toBe(-Infinity);
    queue.poll();
    queue.poll();
    expect(queue.headTimestamp).toBe(30);
    queue.poll();
    queue.push([unreadable(3)]);
    expect(queue.headTimestamp).toBe(30);
  });

  test('is a plain queue, however it is filled and emptied', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 })), (steps) => {
        const queue = new RecordQueue();
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
    const group = new PartitionGroup(3, nothingMissing);
    group.queues[0]!.push([record(0, 20), record(1, 40)]);
    group.queues[1]!.push([record(0, 10), record(1, 50)]);
    group.queues[2]!.push([record(0, 20)]);
    expect(drain(group)).toEqual(['1:10', '0:20', '2:20', '0:40', '1:50']);
  });

  test('never changes the order within an input', () => {
    const group = new PartitionGroup(2, nothingMissing);
    group.queues[0]!.push([record(0, 30), record(1, 10)]);
    group.queues[1]!.push([record(0, 20), record(1, 40)]);
    expect(drain(group)).toEqual(['1:20', '0:30', '0:10', '1:40']);
  });

  test('picks nothing while an empty input may have more', () => {
    let missing = true;
    const group = new PartitionGroup(2, (input) => input === 1 && missing);
    group.queues[0]!.push([record(0, 20)]);
    expect(group.nextInput()).toBe(-1);
    missing = false;
    expect(group.nextInput()).toBe(0);
  });

  test('does not ask about inputs that have records', () => {
    const group = new PartitionGroup(2, () => true);
    group.queues[0]!.push([record(0, 20)]);
    group.queues[1]!.push([record(0, 10)]);
    expect(group.nextInput()).toBe(1);
    expect(group.size).toBe(2);
  });

  test('picks nothing when there is nothing', () => {
    expect(new PartitionGroup(2, nothingMissing).nextInput()).toBe(-1);
  });

  test('takes an unreadable record right after the one before it', () => {
    const group = new PartitionGroup(2, nothingMissing);
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
