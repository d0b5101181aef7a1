import { messageOf } from '../errors.ts';
import type { Headers } from '../processor/record.ts';

/** Where processing failed. */
export type FailureStage = 'deserialize' | 'process' | 'timer' | 'punctuate' | 'produce';

/**
 * The headers of a dead letter: the record's own, then what went wrong and where it came from, under the names of KIP-1034.
 * @see https://cwiki.apache.org/confluence/display/KAFKA/KIP-1034
 */
export function deadLetterHeaders(
  error: unknown,
  origin: { stage: FailureStage; topic: string; partition: number; offset: number | string },
  headers: Headers = {},
): Headers {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return {
    ...headers,
    '__streams.errors.exception': error instanceof Error ? error.name : typeof error,
    '__streams.errors.message': messageOf(error),
    '__streams.errors.stacktrace': stack,
    '__streams.errors.stage': origin.stage,
    '__streams.errors.topic': origin.topic,
    '__streams.errors.partition': String(origin.partition),
    '__streams.errors.offset': String(origin.offset),
  };
}
