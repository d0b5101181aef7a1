import { KafkaError, type Kafka } from '../kafka/kafka.ts';
import type { Logger } from '../logger.ts';

/** The port with the calls that a test expects; any other call fails it. */
export function stubKafka(expected: Partial<Kafka> = {}): Kafka {
  const unexpected = (call: string) => () =>
    Promise.reject(new Error(`${call} is not expected here`));
  return {
    partitionCounts: unexpected('partitionCounts'),
    createTopics: unexpected('createTopics'),
    maxMessageBytes: unexpected('maxMessageBytes'),
    listOffsets: unexpected('listOffsets'),
    committedOffsets: unexpected('committedOffsets'),
    leader: unexpected('leader'),
    fetch: unexpected('fetch'),
    initProducerId: unexpected('initProducerId'),
    addPartitionsToTxn: unexpected('addPartitionsToTxn'),
    produce: unexpected('produce'),
    sendOffsetsToTxn: unexpected('sendOffsetsToTxn'),
    endTxn: unexpected('endTxn'),
    commitOffsets: unexpected('commitOffsets'),
    joinGroup: unexpected('joinGroup'),
    syncGroup: unexpected('syncGroup'),
    heartbeat: unexpected('heartbeat'),
    leaveGroup: unexpected('leaveGroup'),
    refresh: () => Promise.resolve(),
    close: () => Promise.resolve(),
    ...expected,
  };
}

/** What `call` answers, or throws, as an answer of the port. */
export function answer<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(call());
  });
}

export function kafkaError(type: string): KafkaError {
  return new KafkaError(type, `${type}, as the test has it`);
}

/** Keeps the warnings. */
export function collectingLogger(): Logger & { readonly warnings: [object, string][] } {
  const warnings: [object, string][] = [];
  const nothing = () => undefined;
  const warn = (fields: object, message: string) => void warnings.push([fields, message]);
  return { warnings, debug: nothing, info: nothing, warn, error: nothing };
}
