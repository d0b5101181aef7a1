import { messageOf } from '../../errors.ts';
import { ByteReader, ByteWriter } from './varint.ts';
import { KafkaError, type FetchedPartition, type FetchPosition } from './kafka.ts';
import { encoderOf, type ProtocolRequest, type ProtocolResponse } from './kafkajs-internals.ts';
import { kafkaErrorFromCode } from './kafkajs-errors.ts';
import { decodeBatches, type AbortedTransaction } from './record-batch.ts';

const FETCH = 1;
const READ_COMMITTED = 1;
const MAX_BYTES = 16 << 20;
// About a thousand small records: what is fetched ahead lies in memory, for each partition.
const PARTITION_BYTES = 64 << 10;

/**
 * Fetch, version 10 (Kafka 2.1 and later). From version 11 on followers answer, too (KIP-392): one that lags would give an
 * end that is none, and an input would be taken for caught up that is not.
 * @see https://kafka.apache.org/protocol#The_Messages_Fetch
 */
export function fetchRequest(
  positions: readonly FetchPosition[],
  maxWaitMs: number,
): { request: ProtocolRequest; response: ProtocolResponse } {
  const request = {
    apiKey: FETCH,
    apiVersion: 10,
    apiName: 'Fetch',
    encode: () => Promise.resolve(encoderOf(encodeFetch(positions, maxWaitMs))),
  };
  const response = {
    decode: (bytes: Buffer) => Promise.resolve(decodeFetch(bytes, positions)),
    parse: (decoded: object) => Promise.resolve((decoded as FetchAnswer).partitions),
  };
  return { request, response };
}

interface FetchAnswer {
  /** kafkajs's connection waits this long before its next request. */
  readonly clientSideThrottleTime: number;
  readonly partitions: FetchedPartition[];
}

function encodeFetch(positions: readonly FetchPosition[], maxWaitMs: number): Buffer {
  const writer = new ByteWriter(64 + 64 * positions.length);
  writer.int32(-1).int32(maxWaitMs).int32(1).int32(MAX_BYTES).int8(READ_COMMITTED);
  writer.int32(0).int32(-1); // no fetch session
  writer.int32(positions.length);
  for (const { topic, partition, offset, maxBytes = PARTITION_BYTES } of positions) {
    writer.string(topic).int32(1);
    writer.int32(partition).int32(-1).int64(offset).int64(-1).int32(maxBytes);
  }
  writer.int32(0); // no partition to be forgotten
  return writer.slice();
}

function decodeFetch(bytes: Buffer, positions: readonly FetchPosition[]): FetchAnswer {
  const reader = new ByteReader(bytes);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  if (errorCode !== 0) throw kafkaErrorFromCode(errorCode, 'fetch');
  reader.position += 4; // session id
  const partitions: FetchedPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string() ?? '';
    for (let count = reader.int32(); count > 0; count--) {
      partitions.push(decodePartition(reader, topic, positions));
    }
  }
  return { clientSideThrottleTime, partitions };
}

function decodePartition(
  reader: ByteReader,
  topic: string,
  positions: readonly FetchPosition[],
): FetchedPartition {
  const partition = reader.int32();
  const errorCode = reader.int16();
  reader.position += 8; // high watermark
  const lastStableOffset = reader.int64();
  const logStartOffset = reader.int64();
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    aborted.push({ producerId: reader.bigInt64(), firstOffset: reader.int64() });
  }
  const size = Math.max(0, reader.int32());
  const records = reader.bytes.subarray(reader.position, reader.position + size);
  reader.position += size;

  const asked = positions.find((p) => p.topic === topic && p.partition === partition);
  const offset = asked?.offset ?? 0;
  const answer = { topic, partition, lastStableOffset, logStartOffset };
  const none = { records: [], nextOffset: offset };
  const what = `fetch of ${topic}-${partition} at offset ${offset}`;
  if (errorCode !== 0) return { ...answer, ...none, error: kafkaErrorFromCode(errorCode, what) };
  try {
    return { ...answer, error: undefined, ...decodeBatches(records, offset, aborted) };
  } catch (error) {
    const type = error instanceof KafkaError ? error.type : 'CORRUPT_MESSAGE';
    const fault = new KafkaError(type, `${what}: ${messageOf(error)}`, { cause: error });
    return { ...answer, ...none, error: fault };
  }
}
