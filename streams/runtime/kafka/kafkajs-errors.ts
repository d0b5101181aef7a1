import { errorFromCode } from './kafkajs-internals.ts';
import { KafkaError } from './kafka.ts';

interface KafkaJsError extends Error {
  type?: string;
  originalError?: unknown;
}

// Names of kafkajs's errors that say no answer came; whether the request arrived is not known.
const NO_ANSWER = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSLockTimeout',
  'KafkaJSGroupCoordinatorNotFound',
]);

/** What kafkajs threw, as a `KafkaError`: the protocol's error may be the error itself, its cause, or its original. */
export function toKafkaError(error: unknown, what: string): KafkaError {
  if (error instanceof KafkaError) return error;
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; depth++) {
    const { type, name, message, cause, originalError } = e as KafkaJsError;
    if (typeof type === 'string')
      return new KafkaError(type, `${what}: ${message}`, { cause: error });
    if (NO_ANSWER.has(name))
      return new KafkaError('NETWORK', `${what}: ${message}`, { cause: error });
    e = cause ?? originalError;
  }
  const message = error instanceof Error ? error.message : String(error);
  return new KafkaError('UNKNOWN', `${what}: ${message}`, { cause: error });
}

/** An error code of an answer. */
export function kafkaErrorFromCode(code: number, what: string): KafkaError {
  return toKafkaError(errorFromCode(code), what);
}
