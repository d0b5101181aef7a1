import type { AvroTopic, RegistrySerde } from '#schemas';
import { deadLetterTopic } from '#streams/graph/topology';
import type { Clock } from '#streams/runtime/clock';
import type { FetchSubscription } from '#streams/runtime/fetcher';
import type { FetchedPartition, KafkaError } from '#streams/runtime/kafka/kafka';
import { WakeUp } from '#streams/runtime/wake-up';
import { deadLetterHeaders } from '#streams/task/dead-letter';
import { decodeRecord } from '#streams/task/decode';
import type { OutputRecord } from '#streams/task/commit';
import type { InputRecord, RawRecord } from '#streams/task/input-record';

type DecodedRecord = NonNullable<InputRecord['record']>;

/** A record that was read and decoded. */
export interface ConsumedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: unknown;
  /** Event time, epoch ms. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: RawRecord;
}

/** What was fetched since the last batch, of all topics. */
export interface ConsumedBatch {
  /** In the order of each topic. */
  readonly records: readonly ConsumedRecord[];
  /** What could not be read, as dead letters to be written; counted already. */
  readonly letters: readonly OutputRecord[];
  /** The next offset of each topic, once all of it is done. */
  readonly positions: ReadonlyMap<string, number>;
}

/** A topic with the serde of its registry. */
export interface ReadTopic {
  readonly topic: AvroTopic<unknown>;
  readonly serde: RegistrySerde<unknown>;
}

export interface PartitionFeedOptions {
  readonly topics: readonly ReadTopic[];
  readonly partition: number;
  readonly groupId: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The registry can't be reached (a reason), or can again (undefined). */
  readonly onRegistry: (problem: string | undefined) => void;
  /** A topic has nothing new, and all that came before was taken. */
  readonly onQuiet: () => void;
}

/** Records that wait to be taken, of one topic; more are fetched once they are fewer. */
const BUFFERED = 1000;
const RETRY_MS = 500;
const IDLE_MS = 60_000;

/** What is fetched of one partition number and was not taken yet. */
export class PartitionFeed {
  readonly #options: PartitionFeedOptions;
  readonly #arrived = new WakeUp();
  readonly #buffered = new Map<string, number>();
  /** The next offset of each topic, as of the last answer. */
  readonly #reached = new Map<string, number>();
  #isAwaited = false;
  #records: ConsumedRecord[] = [];
  #letters: OutputRecord[] = [];
  #positions = new Map<string, number>();
  #failure: Error | undefined;

  constructor(options: PartitionFeedOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#arrived.notify());
  }

  /** What the fetcher is to be asked for. @param positions the next offset, by topic */
  subscriptions(positions: ReadonlyMap<string, number>): FetchSubscription[] {
    const { partition, topics } = this.#options;
    return topics.flatMap((read): FetchSubscription[] => {
      const { name } = read.topic;
      const offset = positions.get(name);
      // A topic with fewer partitions has none of this number.
      if (offset === undefined) return [];
      this.#reached.set(name, offset);
      return [
        {
          topic: name,
          partition,
          offset,
          hasRoom: () => (this.#buffered.get(name) ?? 0) < BUFFERED,
          deliver: (fetched) => this.#deliver(read, fetched),
        },
      ];
    });
  }

  /** Fetching can't go on: the reader gets the error. */
  fail(error: KafkaError): void {
    this.#failure ??= error;
    this.#arrived.notify();
  }

  /** All that came since the last call, once there is something; undefined when it is over. @throws what fetching has failed with */
  async next(): Promise<ConsumedBatch | undefined> {
    const { signal, clock } = this.#options;
    while (!signal.aborted) {
      if (this.#failure) throw this.#failure;
      if (this.#positions.size > 0) return this.#take();
      this.#isAwaited = true;
      await this.#arrived.wait(IDLE_MS, clock);
      this.#isAwaited = false;
    }
    return undefined;
  }

  #take(): ConsumedBatch {
    const batch = { records: this.#records, letters: this.#letters, positions: this.#positions };
    this.#records = [];
    this.#letters = [];
    this.#positions = new Map();
    this.#buffered.clear();
    return batch;
  }

  async #deliver({ topic, serde }: ReadTopic, fetched: FetchedPartition): Promise<void> {
    const { partition, signal, onQuiet } = this.#options;
    const { name } = topic;
    // An answer without news is no batch: somebody would write down many times a second how far it has come.
    if (this.#reached.get(name) === fetched.nextOffset) {
      if (this.#isAwaited && this.#positions.size === 0) onQuiet();
      return;
    }
    const records: ConsumedRecord[] = [];
    const letters: OutputRecord[] = [];
    for (const raw of fetched.records) {
      await this.#load(serde, raw);
      if (signal.aborted) return;
      const { record, error } = decodeRecord(topic, serde, partition, raw);
      if (error) letters.push(this.#letter(topic.name, raw, error));
      else records.push(consumedRecord(topic.name, partition, raw, record));
    }
    this.#records.push(...records);
    this.#letters.push(...letters);
    this.#reached.set(name, fetched.nextOffset);
    this.#positions.set(name, fetched.nextOffset);
    this.#buffered.set(name, (this.#buffered.get(name) ?? 0) + fetched.records.length);
    this.#arrived.notify();
  }

  /** A registry that is away is waited for: nothing is thrown away because of it. */
  async #load(serde: RegistrySerde<unknown>, { value }: RawRecord): Promise<void> {
    const { onRegistry, clock, signal } = this.#options;
    while (value !== null && !signal.aborted) {
      const loading = serde.load(value);
      if (!loading) return;
      try {
        await loading;
        onRegistry(undefined);
        return;
      } catch (error) {
        onRegistry((error as Error).message);
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  #letter(topic: string, raw: RawRecord, error: Error): OutputRecord {
    const { groupId, partition } = this.#options;
    return deadLetter({ topic, partition, raw }, 'deserialize', error, groupId);
  }
}

/** A record as consumers see it. @param decoded what `decodeRecord` has made of it */
export function consumedRecord(
  topic: string,
  partition: number,
  raw: RawRecord,
  { key, value, timestamp }: Pick<DecodedRecord, 'key' | 'value' | 'timestamp'>,
): ConsumedRecord {
  const { offset } = raw;
  const headers = textHeaders(raw);
  return { topic, partition, offset, key: key as string, value, timestamp, headers, raw };
}

/** What becomes of a record that can't be read or processed: itself, and in headers why, as the runtime's dead letters. */
export function deadLetter(
  { topic, partition, raw }: Pick<ConsumedRecord, 'topic' | 'partition' | 'raw'>,
  kind: 'deserialize' | 'process',
  error: unknown,
  groupId: string,
): OutputRecord {
  const cause = { kind: 'record', topic, raw } as const;
  const failure = { kind, node: { name: topic }, error };
  const headers = deadLetterHeaders(cause, failure, { task: `0_${partition}`, partition });
  return { topic: deadLetterTopic(groupId), partition, key: raw.key, value: raw.value, headers };
}

/** The first value of each. */
function textHeaders({ headers }: RawRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat()[0]!.toString()]),
  );
}
