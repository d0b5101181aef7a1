/** Writes varints and strings into one buffer that grows and is used again. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`can't be written as an unsigned whole number: ${value}`);
    }
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.#buffer[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  /** A whole number of either sign, up to 2^52. */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  string(value: string): void {
    const { length } = value;
    if (length > 0x7f || !this.#ascii(value)) {
      const bytes = Buffer.byteLength(value);
      this.varint(bytes);
      this.#reserve(bytes);
      this.#length += this.#buffer.write(value, this.#length);
    }
  }

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#length);
    this.#buffer.copy(bytes, 0, 0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0;
  }

  /** Short ASCII is what nearly every string is; false, and nothing written, when this one is not. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.#reserve(length + 1);
    const buffer = this.#buffer;
    const start = this.#length + 1;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[start + i] = code;
    }
    buffer[this.#length] = length;
    this.#length = start + length;
    return true;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

/** Reads what `ByteWriter` wrote. Throws a RangeError rather than read past the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw this.#cut();
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`no whole number at byte ${this.#at}`);
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  string(): string {
    const length = this.varint();
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw this.#cut();
    this.#at = end;
    return this.#bytes.toString('utf8', start, end);
  }

  /** How many of something follow; each takes at least a byte, which bounds what a damaged count can ask for. */
  count(): number {
    const count = this.varint();
    if (count > this.#bytes.length - this.#at) throw this.#cut();
    return count;
  }

  /** @throws unless everything was read */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new RangeError(`${left} bytes left over after byte ${this.#at}`);
  }

  #cut(): RangeError {
    return new RangeError(`cut off after ${this.#bytes.length} bytes`);
  }
}
