import { DeserializationError, messageOf } from '../errors.ts';
import { MAX_EVENT_TIME, type Serde, type Topic } from '../serde/serde.ts';
import type { InputRecord, RawRecord } from './input-record.ts';

/** Decodes and checks a fetched record; what is wrong with it is an answer, not an exception. */
export function decodeRecord(
  topic: Topic<unknown>,
  serde: Serde<unknown>,
  partition: number,
  raw: RawRecord,
): InputRecord {
  try {
    if (raw.key === null || raw.key.length === 0)
      throw new DeserializationError('the key is missing');
    if (raw.value === null) throw new DeserializationError('the value is null');
    const value = serde.decode(raw.value);
    const key = raw.key.toString();
    const expected = topic.keyOf(value);
    if (key !== expected) {
      throw new DeserializationError(`the key '${key}' is not the value's own, '${expected}'`);
    }
    const timestamp = topic.eventTime(value);
    if (!Number.isInteger(timestamp) || timestamp < 0 || timestamp > MAX_EVENT_TIME) {
      throw new DeserializationError(
        `the event time ${timestamp} is none: expected whole milliseconds from 0 to ${MAX_EVENT_TIME}`,
      );
    }
    const fault = topic.validate?.(value);
    if (fault !== undefined) throw new DeserializationError(fault);
    const { headers, offset } = raw;
    return {
      raw,
      record: { key, value, timestamp, headers, topic: topic.name, partition, offset },
    };
  } catch (error) {
    if (error instanceof DeserializationError) return { raw, error };
    return { raw, error: new DeserializationError(messageOf(error), { cause: error }) };
  }
}
