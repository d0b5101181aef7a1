import { messageOf } from '../errors.ts';
import type { AnyRecord, Forward, SinkNode } from '../graph/topology.ts';
import type { AnyTopic, Serde } from '../serde/serde.ts';
import type { OutputRecord } from './commit.ts';
import { TIME_HEADER } from './decode.ts';
import { NO_REFUSALS } from './refusals.ts';

/** A result that can't be written: concerns the record that led to it, which becomes a dead letter. */
export class ProduceError extends Error {
  override name = 'ProduceError';
}

/** Encodes and checks what reaches a sink. @param name of the topic at the broker */
export function sinkOf(
  { topic, repartition }: SinkNode,
  name: string,
  serde: Serde<unknown>,
  emit: (output: OutputRecord) => void,
  refusals = NO_REFUSALS,
): Forward {
  return (record) => {
    let output: OutputRecord;
    try {
      const key = encodeKey(topic, record);
      const value = record.value === null ? null : serde.encode(record.value);
      const headers = repartition
        ? { ...record.headers, [TIME_HEADER]: String(record.timestamp) }
        : record.headers;
      output = { topic: name, key, value, headers };
      const refused = refusals.tooLarge(output);
      if (refused) throw refused;
    } catch (error) {
      throw new ProduceError(`can't be written to '${name}': ${messageOf(error)}`, {
        cause: error,
      });
    }
    emit(output);
  };
}

/** A reader takes a record with another key than the value's for a broken one, so it must not be written. */
function encodeKey(topic: AnyTopic, { key, value }: AnyRecord): Buffer {
  const expected = value === null ? key : (topic.keyOf?.(value) ?? key);
  if (!topic.key) {
    if (key !== expected) throw mismatch(key, expected);
    return Buffer.from(key as string);
  }
  const bytes = topic.key.encode(key);
  if (key !== expected && !topic.key.encode(expected).equals(bytes)) throw mismatch(key, expected);
  return bytes;
}

function mismatch(key: unknown, expected: unknown): Error {
  return new Error(
    `the key ${JSON.stringify(key)} is not the value's own, ${JSON.stringify(expected)}; select it, or change keyOf`,
  );
}
