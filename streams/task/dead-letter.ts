import { messageOf, type FailureKind } from '../errors.ts';
import { NO_HEADERS, type Headers } from '../processor/record.ts';
import type { Cause } from './cause.ts';
import type { OutputRecord } from './commit.ts';

/** What all headers begin with that a dead letter has besides the record's own. */
export const ERROR_HEADERS = '__streams.errors.';
/** How many bytes of key and value a dead letter lacks: its topic did not take them, nor the record's own headers. */
export const OMITTED_HEADER = `${ERROR_HEADERS}omitted`;

/** So that an error that quotes a record does not make the dead letter larger than its topic takes. */
const LONGEST_TEXT = 8192;
const LONGEST_REFERENCE_TEXT = 512;

/**
 * The headers of a dead letter: the record's own, then what went wrong and where it came from, under the names of KIP-1034.
 * A timer or punctuation has come from no topic: it has the node's name and its time.
 * @see https://cwiki.apache.org/confluence/display/KAFKA/KIP-1034
 */
export function deadLetterHeaders(
  cause: Cause,
  { kind, node, error }: { kind: FailureKind; node: { readonly name: string }; error: unknown },
  { task, partition }: { task: string; partition: number },
): Headers {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const headers = {
    exception: error instanceof Error ? error.name : typeof error,
    message: messageOf(error).slice(0, LONGEST_TEXT),
    stacktrace: stack.slice(0, LONGEST_TEXT),
    kind,
    task,
    node: node.name,
    partition: String(partition),
    ...(cause.kind === 'record'
      ? {
          topic: cause.topic,
          offset: String(cause.raw.offset),
          timestamp: String(cause.raw.timestamp),
        }
      : { time: String(cause.at) }),
  };
  const own = cause.kind === 'record' ? cause.raw.headers : NO_HEADERS;
  return { ...own, ...prefixed(headers) };
}

/**
 * A dead letter that says only where its record is, for when its topic does not take all of it.
 * @returns undefined when it is one already
 */
export function withoutContent(letter: OutputRecord): OutputRecord | undefined {
  if (OMITTED_HEADER in letter.headers) return undefined;
  const errors = Object.entries(letter.headers).filter(([name]) => name.startsWith(ERROR_HEADERS));
  const kept = errors.map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, LONGEST_REFERENCE_TEXT) : value,
  ]);
  const omitted = (letter.key?.length ?? 0) + (letter.value?.length ?? 0);
  const headers = { ...(Object.fromEntries(kept) as Headers), [OMITTED_HEADER]: String(omitted) };
  return { ...letter, key: null, value: null, headers };
}

function prefixed(headers: Readonly<Record<string, string>>): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`${ERROR_HEADERS}${name}`, value]),
  );
}
