/** Reads Kafka's record encoding: big-endian integers, and zig-zag varints as in Protocol Buffers. */
export class ByteReader {
  readonly bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  int8(): number {
    return this.bytes.readInt8(this.position++);
  }

  int16(): number {
    this.position += 2;
    return this.bytes.readInt16BE(this.position - 2);
  }

  int32(): number {
    this.position += 4;
    return this.bytes.readInt32BE(this.position - 4);
  }

  /** Offsets and times: exact up to 2^53. */
  int64(): number {
    const high = this.int32();
    this.position += 4;
    return high * 2 ** 32 + this.bytes.readUInt32BE(this.position - 4);
  }

  bigInt64(): bigint {
    this.position += 8;
    return this.bytes.readBigInt64BE(this.position - 8);
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#slice(length).toString();
  }

  /** Exact from -2^52 to 2^53. */
  varint(): number {
    let result = 0;
    // Up to 28 bits with integer arithmetic, the rest (long deltas) with doubles.
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.position++]!;
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result >>> 1) ^ -(result & 1);
    }
    let scale = 2 ** 28;
    for (let i = 0; i < 6; i++) {
      const byte = this.bytes[this.position++]!;
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
      scale *= 128;
    }
    throw new RangeError(`a varint of more than 10 bytes at ${this.position}`);
  }

  /** Length-prefixed bytes, null for a length of -1; a slice, not a copy. */
  varBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.#slice(length);
  }

  #slice(length: number): Buffer {
    const start = this.position;
    this.position += length;
    if (this.position > this.bytes.length) throw new RangeError('the bytes end too early');
    return this.bytes.subarray(start, this.position);
  }
}

/** A buffer that grows; the writing side of `ByteReader`. */
export class ByteWriter {
  #bytes: Buffer;
  position = 0;

  constructor(size = 1024) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  int8(value: number): this {
    this.#room(1).writeInt8(value, this.position);
    this.position += 1;
    return this;
  }

  int16(value: number): this {
    this.#room(2).writeInt16BE(value, this.position);
    this.position += 2;
    return this;
  }

  int32(value: number): this {
    this.#room(4).writeInt32BE(value, this.position);
    this.position += 4;
    return this;
  }

  uint32At(position: number, value: number): void {
    this.#bytes.writeUInt32BE(value, position);
  }

  int32At(position: number, value: number): void {
    this.#bytes.writeInt32BE(value, position);
  }

  int64(value: number | bigint): this {
    this.#room(8).writeBigInt64BE(BigInt(value), this.position);
    this.position += 8;
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }

  varint(value: number): this {
    this.#room(10);
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest >= 0x80) {
      this.#bytes[this.position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.position++] = rest;
    return this;
  }

  varBytes(value: Buffer | null): this {
    return value === null ? this.varint(-1) : this.varint(value.length).raw(value);
  }

  raw(value: Buffer): this {
    this.#room(value.length);
    value.copy(this.#bytes, this.position);
    this.position += value.length;
    return this;
  }

  /** What was written from `start` on; shares memory with the writer. */
  slice(start = 0): Buffer {
    return this.#bytes.subarray(start, this.position);
  }

  #room(size: number): Buffer {
    const needed = this.position + size;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.position);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}

/** How many bytes `varint(value)` takes. */
export function varintSize(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let size = 1;
  for (; rest >= 0x80; size++) rest = Math.floor(rest / 128);
  return size;
}
