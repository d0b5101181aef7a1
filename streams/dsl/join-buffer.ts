import { DeserializationError } from '../errors.ts';
import type { Serde } from '../serde/serde.ts';

/** A record that waits in a join. */
export interface Item {
  /** Event time, epoch ms. */
  readonly at: number;
  readonly isMatched: boolean;
  readonly value: unknown;
  /** The value's bytes, once they are known: the buffer is written again with each record of the key, the value stays. */
  bytes?: Buffer;
}

/** What waits of one key, either side in the order of event time. */
export interface JoinBuffer {
  readonly left: readonly Item[];
  readonly right: readonly Item[];
}

const VERSION = 1;
const HEAD_BYTES = 9;
const ITEM_BYTES = 13;

/**
 * The bytes of a buffer: version, the two sides' counts, then the items: time, whether matched, the value's length and bytes.
 */
export function joinBufferSerde(left: Serde<unknown>, right: Serde<unknown>): Serde<JoinBuffer> {
  return {
    encode(buffer) {
      const items = [
        ...buffer.left.map((item) => ({ item, bytes: bytesOf(item, left) })),
        ...buffer.right.map((item) => ({ item, bytes: bytesOf(item, right) })),
      ];
      const size = items.reduce((sum, { bytes }) => sum + ITEM_BYTES + bytes.length, HEAD_BYTES);
      const all = Buffer.allocUnsafe(size);
      all[0] = VERSION;
      all.writeUInt32BE(buffer.left.length, 1);
      all.writeUInt32BE(buffer.right.length, 5);
      let at = HEAD_BYTES;
      for (const { item, bytes } of items) {
        at = all.writeDoubleBE(item.at, at);
        at = all.writeUInt8(item.isMatched ? 1 : 0, at);
        at = all.writeUInt32BE(bytes.length, at);
        at += bytes.copy(all, at);
      }
      return all;
    },
    decode(all) {
      if (all[0] !== VERSION)
        throw new DeserializationError(`a join buffer of version ${all[0]}, this reads ${VERSION}`);
      let at = HEAD_BYTES;
      const items = (count: number, serde: Serde<unknown>) =>
        Array.from({ length: count }, (): Item => {
          const from = at + ITEM_BYTES;
          const bytes = all.subarray(from, from + all.readUInt32BE(at + 9));
          const item = { at: all.readDoubleBE(at), isMatched: all[at + 8] === 1 };
          at = from + bytes.length;
          return { ...item, value: serde.decode(bytes), bytes };
        });
      const lefts = items(all.readUInt32BE(1), left);
      return { left: lefts, right: items(all.readUInt32BE(5), right) };
    },
    format: `join-buffer(${left.format ?? 'custom'}, ${right.format ?? 'custom'})`,
  };
}

function bytesOf(item: Item, serde: Serde<unknown>): Buffer {
  return (item.bytes ??= serde.encode(item.value));
}
