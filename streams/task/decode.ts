import { DeserializationError, messageOf } from '../errors.ts';
import { NO_HEADERS, type Headers } from '../processor/record.ts';
import { MAX_EVENT_TIME, type AnyTopic, type Serde } from '../serde/serde.ts';
import type { InputRecord, RawRecord } from './input-record.ts';

/** What a source makes of its topic. */
export interface SourceKind {
  /** The topic's name at the broker. Default: the topic's own. */
  readonly name?: string;
  /** Whether a record without a value is a deletion; else it is a dead letter. */
  readonly isTable?: boolean | undefined;
  /** Whether event time travels in a header, as the runtime's own topics have it. */
  readonly isInternal?: boolean;
}

/** Carries event time through repartition topics, whose record timestamps are the append time as everywhere. */
export const TIME_HEADER = '__streams.time';

const NO_KIND: SourceKind = {};

/** Decodes and checks a fetched record; what is wrong with it is an answer, not an exception. */
export function decodeRecord(
  topic: AnyTopic,
  serde: Serde<unknown>,
  partition: number,
  raw: RawRecord,
  kind = NO_KIND,
): InputRecord {
  try {
    if (raw.key === null || raw.key.length === 0)
      throw new DeserializationError('the key is missing');
    if (raw.value === null && !kind.isTable && !kind.isInternal)
      throw new DeserializationError('the value is null');
    const key = topic.key ? topic.key.decode(raw.key) : raw.key.toString();
    const value = raw.value === null ? null : serde.decode(raw.value);
    if (value !== null && topic.keyOf) checkKey(topic, raw.key, key, topic.keyOf(value));
    const timestamp = timestampOf(topic, value, raw, kind);
    if (!Number.isInteger(timestamp) || timestamp < 0 || timestamp > MAX_EVENT_TIME) {
      throw new DeserializationError(
        `the event time ${timestamp} is none: expected whole milliseconds from 0 to ${MAX_EVENT_TIME}`,
      );
    }
    const fault = value === null ? undefined : topic.validate?.(value);
    if (fault !== undefined) throw new DeserializationError(fault);
    const { offset } = raw;
    const headers = kind.isInternal ? withoutTime(raw.headers) : raw.headers;
    const name = kind.name ?? topic.name;
    return { raw, record: { key, value, timestamp, headers, topic: name, partition, offset } };
  } catch (error) {
    if (error instanceof DeserializationError) return { raw, error };
    return { raw, error: new DeserializationError(messageOf(error), { cause: error }) };
  }
}

function checkKey(topic: AnyTopic, bytes: Buffer, key: unknown, expected: unknown): void {
  if (key === expected || topic.key?.encode(expected).equals(bytes)) return;
  throw new DeserializationError(
    `the key '${show(key)}' is not the value's own, '${show(expected)}'`,
  );
}

function timestampOf(topic: AnyTopic, value: unknown, raw: RawRecord, kind: SourceKind): number {
  if (kind.isInternal) {
    const time = raw.headers[TIME_HEADER];
    if (time === undefined) throw new DeserializationError(`the header ${TIME_HEADER} is missing`);
    return Number(time.toString());
  }
  // A deletion says nothing of its time: the broker's is what there is.
  return value === null || !topic.eventTime ? raw.timestamp : topic.eventTime(value);
}

function withoutTime({ [TIME_HEADER]: _time, ...headers }: Headers): Headers {
  return Object.keys(headers).length === 0 ? NO_HEADERS : headers;
}

function show(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}
