import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { NO_HEADERS, type Headers } from '../../processor/record.ts';
import type { OutputRecord } from '../../task/commit.ts';
import type { RawRecord } from '../../task/input-record.ts';
import { KafkaError, type ProducerId } from './kafka.ts';
import { ByteReader, ByteWriter, varintSize } from './varint.ts';

/**
 * Kafka's record batches (magic 2), read and written byte by byte.
 * @see https://kafka.apache.org/documentation/#recordbatch
 */

// Positions in the batch's header.
const LENGTH = 8;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const FIXED = 12; // base offset and length are not counted by the length
const HEADER = 61;

const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const ABORT_MARKER = 0;

/** A transaction that was aborted in the fetched range: its records are from `firstOffset` on. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface DecodedRecords {
  readonly records: RawRecord[];
  /** Behind the last batch, whatever it held. */
  readonly nextOffset: number;
}

/**
 * Decodes the batches of a fetch answer: records from `fetchOffset` on that belong to no aborted transaction.
 * A batch that the answer's end cuts off is left out.
 * @throws {KafkaError} `CORRUPT_MESSAGE` when a checksum is wrong, `UNSUPPORTED_COMPRESSION_TYPE`
 */
export function decodeBatches(
  bytes: Buffer,
  fetchOffset: number,
  aborted: readonly AbortedTransaction[],
): DecodedRecords {
  const records: RawRecord[] = [];
  const pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  let nextOffset = fetchOffset;
  for (let start = 0; start + FIXED <= bytes.length;) {
    const end = start + FIXED + bytes.readInt32BE(start + LENGTH);
    if (end > bytes.length) break;
    const batch = bytes.subarray(start, end);
    const header = readHeader(batch);
    while (pending.length > 0 && pending[0]!.firstOffset <= header.lastOffset) {
      aborting.add(pending.shift()!.producerId);
    }
    if (header.isControl) {
      if (controlType(batch, header) === ABORT_MARKER) aborting.delete(header.producerId);
    } else if (!(header.isTransactional && aborting.has(header.producerId))) {
      readRecords(batch, header, fetchOffset, records);
    }
    nextOffset = Math.max(nextOffset, header.lastOffset + 1);
    start = end;
  }
  return { records, nextOffset };
}

interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly isControl: boolean;
  readonly isTransactional: boolean;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: bigint;
  readonly count: number;
}

function readHeader(batch: Buffer): BatchHeader {
  const baseOffset = new ByteReader(batch).int64();
  const magic = batch.readInt8(MAGIC);
  if (magic !== 2) {
    throw new KafkaError(
      'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      `record format ${magic} at offset ${baseOffset}: only the format of Kafka 0.11 and later is read`,
    );
  }
  if (crc32c(batch.subarray(ATTRIBUTES)) !== batch.readUInt32BE(CRC)) {
    throw new KafkaError('CORRUPT_MESSAGE', `wrong checksum of the batch at offset ${baseOffset}`);
  }
  const reader = new ByteReader(batch, ATTRIBUTES);
  const attributes = reader.int16();
  const lastOffset = baseOffset + reader.int32();
  const baseTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const producerId = reader.bigInt64();
  reader.position += 6; // producer epoch, base sequence
  const count = reader.int32();
  return {
    baseOffset,
    lastOffset,
    attributes,
    isControl: (attributes & CONTROL) !== 0,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    baseTimestamp,
    maxTimestamp,
    producerId,
    count,
  };
}

function readRecords(
  batch: Buffer,
  header: BatchHeader,
  fetchOffset: number,
  into: RawRecord[],
): void {
  // Compaction leaves the header where the last records of a producer were.
  if (header.count === 0) return;
  const reader = new ByteReader(decompress(batch.subarray(HEADER), header));
  const appendTime = (header.attributes & LOG_APPEND_TIME) !== 0;
  for (let i = 0; i < header.count; i++) {
    const end = reader.varint() + reader.position;
    reader.position++; // attributes, unused
    const timestampDelta = reader.varint();
    const offset = header.baseOffset + reader.varint();
    const key = reader.varBytes();
    const value = reader.varBytes();
    // A batch is stored whole: fetching from its middle brings the records before it too.
    if (offset >= fetchOffset) {
      const timestamp = appendTime ? header.maxTimestamp : header.baseTimestamp + timestampDelta;
      into.push({ offset, timestamp, key, value, headers: readHeaders(reader) });
    }
    reader.position = end;
  }
}

function readHeaders(reader: ByteReader): Headers {
  const count = reader.varint();
  if (count === 0) return NO_HEADERS;
  // Without a prototype: a header may be named `constructor`.
  const headers = Object.create(null) as Record<string, Buffer | Buffer[]>;
  for (let i = 0; i < count; i++) {
    const name = reader.varBytes()?.toString() ?? '';
    const value = reader.varBytes() ?? Buffer.alloc(0);
    const known = headers[name];
    headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

function controlType(batch: Buffer, { count }: BatchHeader): number {
  if (count === 0) return -1;
  const reader = new ByteReader(batch, HEADER);
  reader.varint();
  reader.position++;
  reader.varint();
  reader.varint();
  const key = reader.varBytes();
  return key === null || key.length < 4 ? -1 : key.readInt16BE(2);
}

function decompress(bytes: Buffer, { attributes, baseOffset }: BatchHeader): Buffer {
  const type = attributes & COMPRESSION_MASK;
  switch (type) {
    case 0:
      return bytes;
    case 1:
      return gunzipSync(bytes);
    case 4:
      return zstdDecompressSync(bytes);
    default:
      throw new KafkaError(
        'UNSUPPORTED_COMPRESSION_TYPE',
        `the batch at offset ${baseOffset} is compressed with ${type === 2 ? 'snappy' : 'lz4'}, which is not read here; ` +
          `set compression.type=zstd or gzip on the topic or its producer`,
      );
  }
}

/**
 * Encodes one batch of a transaction, or of an idempotent producer outside of any.
 * @param timestamp of the records that have none
 */
export function encodeBatch(
  records: readonly OutputRecord[],
  producer: ProducerId,
  baseSequence: number,
  timestamp: number,
  isTransactional = true,
): Buffer {
  const writer = new ByteWriter(HEADER + records.reduce((sum, r) => sum + recordSizeBound(r), 0));
  writer.int64(0).int32(0).int32(-1).int8(2).int32(0);
  writer.int16(isTransactional ? TRANSACTIONAL : 0).int32(records.length - 1);
  const times = records.map((record) => record.timestamp ?? timestamp);
  writer.int64(timestamp).int64(times.reduce((max, time) => Math.max(max, time)));
  writer.int64(producer.producerId).int16(producer.epoch).int32(baseSequence);
  writer.int32(records.length);
  records.forEach((record, i) => writeRecord(writer, record, i, timestamp));
  writer.int32At(LENGTH, writer.position - FIXED);
  writer.uint32At(CRC, crc32c(writer.slice(ATTRIBUTES)));
  return writer.slice();
}

/** At most how many bytes a record takes in a batch. */
export function recordSizeBound({ key, value, headers }: OutputRecord): number {
  let size = 40 + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, bytes] of headerEntries(headers)) size += 20 + name.length + bytes.length;
  return size;
}

/** How many bytes a record takes as a batch of its own: what a topic's `max.message.bytes` is compared with. */
export function sizeAlone(record: OutputRecord): number {
  const size = recordSize(record, headerEntries(record.headers), 0, 0);
  return HEADER + varintSize(size) + size;
}

type HeaderEntries = readonly (readonly [Buffer, Buffer])[];

/** Without the size itself. */
function recordSize(
  { key, value }: OutputRecord,
  headers: HeaderEntries,
  index: number,
  timestampDelta: number,
): number {
  return (
    1 + // attributes
    varintSize(timestampDelta) +
    varintSize(index) +
    bytesSize(key) +
    bytesSize(value) +
    varintSize(headers.length) +
    headers.reduce((sum, [name, bytes]) => sum + bytesSize(name) + bytesSize(bytes), 0)
  );
}

function writeRecord(
  writer: ByteWriter,
  record: OutputRecord,
  index: number,
  timestamp: number,
): void {
  const headers = headerEntries(record.headers);
  const delta = (record.timestamp ?? timestamp) - timestamp;
  const size = recordSize(record, headers, index, delta);
  writer.varint(size).int8(0).varint(delta).varint(index);
  writer.varBytes(record.key).varBytes(record.value).varint(headers.length);
  for (const [name, value] of headers) writer.varBytes(name).varBytes(value);
}

function bytesSize(bytes: Buffer | null): number {
  return bytes === null ? 1 : varintSize(bytes.length) + bytes.length;
}

const NONE: HeaderEntries = [];

function headerEntries(headers: Headers): HeaderEntries {
  if (headers === NO_HEADERS) return NONE;
  return Object.entries(headers).flatMap(([name, value]) =>
    [value]
      .flat()
      .map((v) => [Buffer.from(name), typeof v === 'string' ? Buffer.from(v) : v] as const),
  );
}
