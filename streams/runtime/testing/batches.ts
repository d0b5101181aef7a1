import { crc32C, encoder, type Encoder } from './kafkajs-protocol.ts';

export interface RecordShape {
  readonly offset: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[];
  readonly timestampDelta?: number;
}

export interface BatchShape {
  readonly baseOffset: number;
  readonly records?: readonly RecordShape[];
  /** Default: that of the last record. */
  readonly lastOffset?: number;
  readonly producerId?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly isAppendTime?: boolean;
  readonly compression?: number;
  readonly compress?: (bytes: Buffer) => Buffer;
  readonly baseTimestamp?: number;
  readonly maxTimestamp?: number;
}

/** A batch as a broker stores it, written field by field with kafkajs's encoder. */
export function storedBatch(shape: BatchShape): Buffer {
  const { baseOffset, records = [], compress = (bytes: Buffer) => bytes } = shape;
  const lastOffset = shape.lastOffset ?? records.at(-1)?.offset ?? baseOffset;
  const { isTransactional = false, isControl = false, isAppendTime = false } = shape;
  const payload = encoder();
  for (const record of records) payload.writeEncoder(storedRecord(record, baseOffset));
  const body = encoder()
    .writeInt16(
      (shape.compression ?? 0) |
        (isAppendTime ? 0x08 : 0) |
        (isTransactional ? 0x10 : 0) |
        (isControl ? 0x20 : 0),
    )
    .writeInt32(lastOffset - baseOffset)
    .writeInt64(shape.baseTimestamp ?? 0)
    .writeInt64(shape.maxTimestamp ?? shape.baseTimestamp ?? 0)
    .writeInt64(shape.producerId ?? -1)
    .writeInt16(0)
    .writeInt32(0)
    .writeInt32(records.length);
  body.writeBufferInternal(compress(payload.buffer));
  const counted = encoder().writeInt32(0).writeInt8(2).writeUInt32(crc32C(body.buffer));
  counted.writeEncoder(body);
  return encoder().writeInt64(baseOffset).writeBytes(counted.buffer).buffer;
}

function storedRecord(record: RecordShape, baseOffset: number): Encoder {
  const { offset, key = null, value = null, headers = [], timestampDelta = 0 } = record;
  const body = encoder()
    .writeInt8(0)
    .writeVarLong(timestampDelta)
    .writeVarInt(offset - baseOffset)
    .writeVarIntBytes(key)
    .writeVarIntBytes(value)
    .writeVarInt(headers.length);
  for (const [name, bytes] of headers) {
    body.writeVarIntBytes(Buffer.from(name)).writeVarIntBytes(bytes);
  }
  const counted = encoder().writeVarInt(body.buffer.length);
  counted.writeBufferInternal(body.buffer);
  return counted;
}

/** The end of a transaction: takes one offset. */
export function marker(offset: number, producerId: number, type: 'commit' | 'abort'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'commit' ? 1 : 0]);
  const record = { offset, key, value: Buffer.alloc(6) };
  return storedBatch({
    baseOffset: offset,
    records: [record],
    producerId,
    isTransactional: true,
    isControl: true,
  });
}
