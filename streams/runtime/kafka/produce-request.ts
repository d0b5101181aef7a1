import { ByteReader, ByteWriter } from './varint.ts';
import { KafkaError, type ProduceBatch, type Producer } from './kafka.ts';
import { encoderOf, type ProtocolRequest, type ProtocolResponse } from './kafkajs-internals.ts';
import { kafkaErrorFromCode } from './kafkajs-errors.ts';
import { encodeBatch } from './record-batch.ts';

const PRODUCE = 0;
const ACKS_ALL = -1;
const TIMEOUT_MS = 30_000;

/**
 * Produce, version 7 (Kafka 2.1 and later), one batch per partition.
 * @see https://kafka.apache.org/protocol#The_Messages_Produce
 */
export function produceRequest(
  producer: Producer,
  batches: readonly ProduceBatch[],
): { request: ProtocolRequest; response: ProtocolResponse } {
  const request = {
    apiKey: PRODUCE,
    apiVersion: 7,
    apiName: 'Produce',
    encode: () => Promise.resolve(encoderOf(encodeProduce(producer, batches))),
  };
  const response = {
    decode: (bytes: Buffer) => Promise.resolve(decodeProduce(bytes, batches)),
    parse: (decoded: object) => Promise.resolve((decoded as ProduceAnswer).baseOffsets),
  };
  return { request, response };
}

interface ProduceAnswer {
  readonly clientSideThrottleTime: number;
  readonly baseOffsets: number[];
}

function encodeProduce(producer: Producer, batches: readonly ProduceBatch[]): Buffer {
  const encoded = batches.map(({ records, baseSequence, timestamp }) =>
    encodeBatch(records, producer, baseSequence, timestamp),
  );
  const writer = new ByteWriter(256 + encoded.reduce((sum, b) => sum + b.length + 256, 0));
  writer.string(producer.transactionalId).int16(ACKS_ALL).int32(TIMEOUT_MS);
  writer.int32(batches.length);
  batches.forEach(({ topic, partition }, i) => {
    writer.string(topic).int32(1).int32(partition).int32(encoded[i]!.length).raw(encoded[i]!);
  });
  return writer.slice();
}

function decodeProduce(bytes: Buffer, batches: readonly ProduceBatch[]): ProduceAnswer {
  const reader = new ByteReader(bytes);
  const offsets = new Map<string, number>();
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string() ?? '';
    for (let count = reader.int32(); count > 0; count--) {
      const partition = reader.int32();
      const errorCode = reader.int16();
      if (errorCode !== 0) throw kafkaErrorFromCode(errorCode, `produce to ${topic}-${partition}`);
      offsets.set(`${topic}-${partition}`, reader.int64());
      reader.position += 16; // append time, log start offset
    }
  }
  return {
    clientSideThrottleTime: reader.int32(),
    baseOffsets: batches.map(({ topic, partition }) => {
      const offset = offsets.get(`${topic}-${partition}`);
      // A made-up offset would become a checkpoint.
      if (offset === undefined)
        throw new KafkaError('NETWORK', `the answer to produce leaves out ${topic}-${partition}`);
      return offset;
    }),
  };
}
