import type { Windowed } from '../processor/windowed.ts';
import type { Serde } from '../serde/serde.ts';

/**
 * How a store's keys become bytes on disk, and strings (ids) in memory, which maps and timers go by. Equal keys have equal
 * ids. A string is its own id, so that the usual case costs nothing; any other key's is its bytes, one character each.
 */
export interface KeyCodec<K> {
  id(key: K): string;
  key(id: string): K;
  bytes(id: string): Buffer;
  idOf(bytes: Buffer): string;
}

export const stringKeys: KeyCodec<string> = {
  id: (key) => key,
  key: (id) => id,
  bytes: (id) => Buffer.from(id),
  idOf: (bytes) => bytes.toString(),
};

/** Keys of any other type, by their serde. */
export function keysOf<K>(serde: Serde<K>): KeyCodec<K> {
  return {
    id: (key) => serde.encode(key).toString('latin1'),
    key: (id) => serde.decode(Buffer.from(id, 'latin1')),
    bytes: (id) => Buffer.from(id, 'latin1'),
    idOf: (bytes) => bytes.toString('latin1'),
  };
}

const START_BYTES = 8;

/** A key's windows lie one behind the other, by their start. */
export function windowedKeys<K>(key: KeyCodec<K>, windowMs: number): KeyCodec<Windowed<K>> {
  const bytesOf = (of: K, start: number) => {
    const bytes = key.bytes(key.id(of));
    const all = Buffer.allocUnsafe(bytes.length + START_BYTES);
    bytes.copy(all);
    all.writeBigUInt64BE(BigInt(start), bytes.length);
    return all;
  };
  return {
    id: (windowed) => bytesOf(windowed.key, windowed.window.start).toString('latin1'),
    key(id) {
      const bytes = Buffer.from(id, 'latin1');
      const at = bytes.length - START_BYTES;
      const start = Number(bytes.readBigUInt64BE(at));
      const inner = key.key(key.idOf(bytes.subarray(0, at)));
      return { key: inner, window: { start, end: start + windowMs } };
    },
    bytes: (id) => Buffer.from(id, 'latin1'),
    idOf: (bytes) => bytes.toString('latin1'),
  };
}
