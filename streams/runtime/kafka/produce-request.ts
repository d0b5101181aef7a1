import { ByteReader, ByteWriter } from './varint.ts';
import { KafkaError, type ProduceBatch, type ProducerId } from './kafka.ts';
import { encoderOf, type ProtocolRequest, type ProtocolResponse } from './kafkajs-internals.ts';
import { kafkaErrorFromCode } from './kafkajs-errors.ts';
import { encodeBatch } from './record-batch.ts';

const PRODUCE = 0;
const ACKS_ALL = -1;
const TIMEOUT_MS = 30_000;

type Writer = ProducerId & { readonly transactionalId?: string };

/**
 * Produce, version 7 (Kafka 2.1 and later), one batch per partition.
 * @see https://kafka.apache.org/protocol#The_Messages_Produce
 */
export function produceRequest(
  producer: Writer,
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
    parse: (decoded: object) => Promise.resolve((decoded as ProduceAnswer).outcomes),
  };
  return { request, response };
}

interface ProduceAnswer {
  readonly clientSideThrottleTime: number;
  readonly outcomes: (number | KafkaError)[];
}

function encodeProduce(producer: Writer, batches: readonly ProduceBatch[]): Buffer {
  const isTransactional = producer.transactionalId !== undefined;
  const encoded = batches.map(({ records, baseSequence, timestamp }) =>
    encodeBatch(records, producer, baseSequence, timestamp, isTransactional),
  );
  const writer = new ByteWriter(256 + encoded.reduce((sum, b) => sum + b.length + 256, 0));
  writer
    .string(producer.transactionalId ?? null)
    .int16(ACKS_ALL)
    .int32(TIMEOUT_MS);
  writer.int32(batches.length);
  batches.forEach(({ topic, partition }, i) => {
    writer.string(topic).int32(1).int32(partition).int32(encoded[i]!.length).raw(encoded[i]!);
  });
  return writer.slice();
}

function decodeProduce(bytes: Buffer, batches: readonly ProduceBatch[]): ProduceAnswer {
  const reader = new ByteReader(bytes);
  const found = new Map<string, number | KafkaError>();
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string() ?? '';
    for (let count = reader.int32(); count > 0; count--) {
      const partition = reader.int32();
      const errorCode = reader.int16();
      const baseOffset = reader.int64();
      reader.position += 16; // append time, log start offset
      const name = `${topic}-${partition}`;
      const outcome =
        errorCode === 0 ? baseOffset : kafkaErrorFromCode(errorCode, `produce to ${name}`);
      found.set(name, outcome);
    }
  }
  return {
    clientSideThrottleTime: reader.int32(),
    outcomes: batches.map(({ topic, partition }) => {
      const name = `${topic}-${partition}`;
      // A made-up offset would become a checkpoint.
      const missing = () => new KafkaError('NETWORK', `the answer to produce leaves out ${name}`);
      return found.get(name) ?? missing();
    }),
  };
}
