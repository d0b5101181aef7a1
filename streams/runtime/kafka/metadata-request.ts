import {
  encoderOf,
  protocol,
  type ProtocolRequest,
  type ProtocolResponse,
} from './kafkajs-internals.ts';
import { ByteWriter } from './varint.ts';

const METADATA = 3;
const VERSION = 5;

/**
 * Metadata, version 5 (Kafka 1.0 and later), of these topics and of no others; errors of topics and partitions are left in
 * the answer.
 * @see https://kafka.apache.org/protocol#The_Messages_Metadata
 */
export function metadataRequest(topics: readonly string[]): {
  request: ProtocolRequest;
  response: ProtocolResponse;
} {
  const writer = new ByteWriter(64 + 64 * topics.length);
  writer.int32(topics.length);
  for (const topic of topics) writer.string(topic);
  writer.int8(0); // none is to be made
  const request = {
    apiKey: METADATA,
    apiVersion: VERSION,
    apiName: 'Metadata',
    encode: () => Promise.resolve(encoderOf(writer.slice())),
  };
  const theirs = protocol('metadata', VERSION).response;
  const response = {
    decode: (bytes: Buffer) => theirs.decode(bytes),
    // kafkajs's own throws for a single partition's error.
    parse: (decoded: object) => Promise.resolve(decoded),
  };
  return { request, response };
}
