import { DeserializationError } from '../errors.ts';
import type { Windowed } from '../processor/windowed.ts';
import type { Serde } from './serde.ts';

/** UTF-8. */
export const stringSerde: Serde<string> = {
  encode: (value) => Buffer.from(value),
  decode: (bytes) => bytes.toString(),
  format: 'utf-8',
};

/** Any number, 8 bytes (IEEE 754, big-endian). */
export const numberSerde: Serde<number> = {
  encode(value) {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleBE(value);
    return bytes;
  },
  decode(bytes) {
    if (bytes.length !== 8)
      throw new DeserializationError(`a number of ${bytes.length} bytes, it has 8`);
    return bytes.readDoubleBE();
  },
  format: 'float64',
};

/** The bytes as they are. */
export const bufferSerde: Serde<Buffer> = {
  encode: (value) => value,
  decode: (bytes) => Buffer.from(bytes),
  format: 'bytes',
};

/** JSON, for values that JSON has. As keys only where equal keys give equal text. */
export function jsonSerde<T>(): Serde<T> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(bytes.toString()) as T,
    format: 'json',
  };
}

const TIME_BYTES = 8;

/** Keys of windowed results: the key's bytes, then the window's start (8 bytes, big-endian), as Kafka Streams writes them. */
export function windowedSerde<K>(key: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  return {
    encode(windowed) {
      const bytes = key.encode(windowed.key);
      const start = Buffer.allocUnsafe(TIME_BYTES);
      start.writeBigInt64BE(BigInt(windowed.window.start));
      return Buffer.concat([bytes, start]);
    },
    decode(bytes) {
      const at = bytes.length - TIME_BYTES;
      if (at < 0)
        throw new DeserializationError(`a windowed key of ${bytes.length} bytes, it has 8 or more`);
      const start = Number(bytes.readBigInt64BE(at));
      return { key: key.decode(bytes.subarray(0, at)), window: { start, end: start + sizeMs } };
    },
    format: `windowed(${key.format ?? 'custom'}, ${sizeMs})`,
  };
}
