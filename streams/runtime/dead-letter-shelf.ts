import { StreamsException } from '../errors.ts';
import { readDeadLetter, type DeadLetter } from '../task/dead-letter.ts';
import type { RawRecord } from '../task/input-record.ts';
import { readRange } from './changelog-reader.ts';
import type { TopicPartition } from './kafka/kafka.ts';
import { markedOffsets } from './requeue-marks.ts';
import { retry, type RetryContext } from './retry.ts';
import type { Kafka } from './kafka/kafka.ts';

/** Where the dead letters of an application are. */
export interface ShelfContext extends RetryContext {
  readonly kafka: Kafka;
  /** The dead-letter topic. */
  readonly topic: string;
  /** Its committed offsets say before which ones nothing is open. */
  readonly groupId: string;
}

/** One partition of a dead-letter topic, as it was when it was looked at. */
export interface Shelf extends TopicPartition {
  /** Before it nothing is open. */
  readonly start: number;
  readonly end: number;
  /** Offsets of those that were sent back. */
  readonly returned: ReadonlySet<number>;
}

/** @throws {StreamsException} when there is no such topic */
export async function lookAtShelves(context: ShelfContext): Promise<Shelf[]> {
  const { kafka, topic, groupId } = context;
  const ask = <T>(what: string, call: () => Promise<T>) =>
    retry(`${what} of '${topic}'`, call, context);
  const counts = await ask('partitions', () => kafka.partitionCounts([topic]));
  const count = counts.get(topic);
  if (count === undefined)
    throw new StreamsException(
      `there is no topic '${topic}': has the application run at this broker, under this application id?`,
    );
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  const committed = await ask('progress', () => kafka.committedOffsets(groupId, partitions));
  const starts = await ask('starts', () => kafka.listOffsets(partitions, 'earliest'));
  const ends = await ask('ends', () => kafka.listOffsets(partitions, 'latest'));
  const shelves: Shelf[] = [];
  for (const [i, at] of partitions.entries()) {
    const start = Math.max(committed[i]?.offset ?? 0, starts[i]!);
    const end = ends[i]!;
    const returned = new Set<number>();
    // A mark lies behind the letters that it is about.
    for await (const raw of records({ ...at, start, end }, context)) {
      for (const offset of markedOffsets(raw) ?? []) returned.add(offset);
    }
    shelves.push({ ...at, start, end, returned });
  }
  return shelves;
}

/** The open letters of a shelf, oldest first. */
export async function* lettersOn(shelf: Shelf, context: ShelfContext): AsyncGenerator<DeadLetter> {
  for await (const raw of records(shelf, context)) {
    if (shelf.returned.has(raw.offset)) continue;
    const letter = readDeadLetter(shelf.partition, raw);
    if (letter) yield letter;
  }
}

async function* records(
  { topic, partition, start, end }: Omit<Shelf, 'returned'>,
  context: ShelfContext,
): AsyncGenerator<RawRecord> {
  for await (const chunk of readRange({ topic, partition }, start, end, context))
    yield* chunk.records;
}
