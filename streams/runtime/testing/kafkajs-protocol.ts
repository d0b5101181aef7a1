import { createRequire } from 'node:module';
import type { ProtocolRequest, ProtocolResponse } from '../kafka/kafkajs-internals.ts';

/** kafkajs's own encoders and decoders: an implementation of the protocol to compare with, written by others. */

export interface Encoder {
  readonly buffer: Buffer;
  writeInt8(value: number): this;
  writeInt16(value: number): this;
  writeInt32(value: number): this;
  writeUInt32(value: number): this;
  writeInt64(value: number | string): this;
  writeString(value: string | null): this;
  writeBytes(value: Buffer | null): this;
  writeVarInt(value: number): this;
  writeVarLong(value: number | string): this;
  writeVarIntBytes(value: Buffer | null): this;
  writeArray(items: readonly (Encoder | number | string)[]): this;
  writeEncoder(encoder: Encoder): this;
  writeBufferInternal(buffer: Buffer): void;
}

export interface KafkaJsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | Buffer[]>;
}

export interface KafkaJsBatch {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly records: KafkaJsRecord[];
}

const require = createRequire(import.meta.url);
const load = (path: string): unknown => require(`kafkajs/src/${path}`);

const EncoderClass = load('protocol/encoder') as {
  new (): Encoder;
  sizeOfVarInt(value: number): number;
  sizeOfVarLong(value: number | string): number;
};
const DecoderClass = load('protocol/decoder') as new (bytes: Buffer) => {
  readVarInt(): number;
  readVarLong(): { toString(): string };
};
const decodeRecordBatch = load('protocol/recordBatch/v0/decoder') as (
  decoder: unknown,
) => Promise<KafkaJsBatch>;

export const sizeOfVarInt = (value: number) => EncoderClass.sizeOfVarInt(value);
export const sizeOfVarLong = (value: number | string) => EncoderClass.sizeOfVarLong(value);
export const crc32C = load('protocol/recordBatch/crc32C') as (bytes: Buffer) => number;
export const Record = load('protocol/recordBatch/record/v0') as (record: object) => Encoder;
export const { RecordBatch } = load('protocol/recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<Encoder>;
};
export const createRequestBytes = load('protocol/request') as (options: {
  request: ProtocolRequest;
  correlationId: number;
  clientId: string;
}) => Promise<Encoder>;
export const DefaultPartitioner = (
  load('producer/partitioners') as { DefaultPartitioner: () => Partitioner }
).DefaultPartitioner;
export const kafkaJsErrors = load('errors') as Record<string, new (...args: unknown[]) => Error>;

type Partitioner = (args: {
  topic: string;
  partitionMetadata: { partitionId: number; leader: number }[];
  message: { key: Buffer | null };
}) => number;

export function encoder(): Encoder {
  return new EncoderClass();
}

export function decoder(bytes: Buffer) {
  return new DecoderClass(bytes);
}

export function decodeWithKafkaJs(bytes: Buffer): Promise<KafkaJsBatch> {
  return decodeRecordBatch(new DecoderClass(bytes));
}

/** The bytes of one of kafkajs's own requests. */
export async function kafkaJsRequest(
  api: string,
  version: number,
  options: object,
): Promise<Buffer> {
  const request = load(`protocol/requests/${api}/v${version}/request`) as (
    options: object,
  ) => ProtocolRequest;
  return bytesOf(request(options));
}

export async function bytesOf(request: ProtocolRequest): Promise<Buffer> {
  return ((await request.encode()) as Encoder).buffer;
}

/** What a request's sender gets for an answer. */
export async function receive(response: ProtocolResponse, bytes: Buffer): Promise<unknown> {
  return response.parse(await response.decode(bytes));
}
