import avsc from 'avsc';
import type { RecordSchema } from './contract.ts';

/** Turns values into bytes and back, synchronously; fits the runtime's `Serde`. */
export interface AvroSerde<V> {
  /** @throws if the value does not fit the schema; the message names the field */
  encode(value: V): Buffer;
  /** Copies what it keeps. @throws if the bytes are not exactly one value of the schema */
  decode(bytes: Buffer): V;
}

/**
 * Plain Avro binary, without a registry's header: for stores and for tests.
 *
 * @example
 * const serde = avroSerde<AlertRaised>(loadContract('alert-raised'));
 * serde.decode(serde.encode(alert)); // alert
 */
export function avroSerde<V>(schema: RecordSchema): AvroSerde<V> {
  const type = avroType(schema);
  return {
    encode: (value) => encodeAfter(type, value, 0),
    decode: (bytes) => decodeFrom(type, bytes, 0) as V,
  };
}

/**
 * The compiled form of a schema. Logical types stay what they are on the wire (a timestamp-millis is a number),
 * `["null", T]` is `T | null`, and each type has a name space of its own: two contracts define the same names.
 */
export function avroType(schema: RecordSchema): avsc.Type {
  // The clone: `forSchema` changes what it is given, and a contract is shared.
  return avsc.Type.forSchema(structuredClone(schema) as avsc.Schema, {
    registry: {},
    logicalTypes: {},
    wrapUnions: 'auto',
    omitRecordMethods: true,
  });
}

interface Decoded {
  readonly value: unknown;
  readonly offset: number;
}

/** Encoding writes here first and copies out: values differ in length, and this one buffer grows to the longest. */
let scratch = Buffer.allocUnsafe(4096);

/**
 * Encodes a value with `gap` bytes left free before it, for a header.
 *
 * @throws if the value does not fit the type
 */
export function encodeAfter(type: avsc.Type, value: unknown, gap: number): Buffer {
  let end = type.encode(value, scratch, gap);
  if (end < 0) {
    // A full buffer is no exception: the answer is how many bytes were missing, as a negative number.
    scratch = Buffer.allocUnsafe(2 * (scratch.length - end));
    end = type.encode(value, scratch, gap);
  }
  return Buffer.copyBytesFrom(scratch, 0, end);
}

/**
 * Decodes one value that starts at `start` and ends where the bytes end.
 *
 * @throws if they end too early or too late, or are no value of the type
 */
export function decodeFrom(
  type: avsc.Type,
  bytes: Buffer,
  start: number,
  resolver?: avsc.Resolver,
): unknown {
  const { value, offset } = type.decode(bytes, start, resolver) as Decoded;
  // Bytes that end early answer −1 instead of throwing, and bytes left over are no matter to `decode` at all.
  if (offset < 0 || offset > bytes.length) {
    throw new Error(`the ${String(bytes.length)} bytes end in the middle of ${nameOf(type)}`);
  }
  if (offset < bytes.length) {
    throw new Error(`${String(bytes.length - offset)} bytes are left over after ${nameOf(type)}`);
  }
  return value;
}

function nameOf(type: avsc.Type): string {
  return type.name ?? type.typeName;
}
