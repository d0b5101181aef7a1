import { messageOf, type FailureKind } from '../errors.ts';
import { NO_HEADERS, type Headers } from '../processor/record.ts';
import type { Cause } from './cause.ts';
import type { OutputRecord } from './commit.ts';
import type { RawRecord } from './input-record.ts';

/** What all headers begin with that a dead letter has besides the record's own. */
const PREFIX = '__streams.errors.';
/** How many bytes of key and value a dead letter lacks: its topic did not take them, nor the record's own headers. */
const OMITTED = 'omitted';

/** How often a record was sent back; a dead letter that it becomes again keeps it. */
export const ATTEMPTS_HEADER = '__streams.requeue.attempts';

/** So that an error that quotes a record does not make the dead letter larger than its topic takes. */
const LONGEST_TEXT = 8192;
const LONGEST_REFERENCE_TEXT = 512;

/** A dead letter as it lies in its topic. */
export interface DeadLetter {
  /** Where it lies. */
  readonly partition: number;
  readonly offset: number;
  /** When it was written, epoch ms. */
  readonly writtenAt: number;
  readonly kind: FailureKind;
  /** The task, and the source, step or sink in which it failed. */
  readonly task: string;
  readonly node: string;
  /** The error's name and message. */
  readonly exception: string;
  readonly reason: string;
  /** The input record that failed; undefined for timers and punctuations, which no record leads to. */
  readonly origin: LetterOrigin | undefined;
  /** The record's own, as far as the dead-letter topic took them. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  /** How often the record was sent back before. */
  readonly attempts: number;
  /** Whether key, value and headers are only where the record comes from. */
  readonly isReference: boolean;
}

export interface LetterOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The record's own timestamp, epoch ms. */
  readonly timestamp: number;
}

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
  const prefixed = Object.entries(headers).map(([name, value]) => [`${PREFIX}${name}`, value]);
  return { ...own, ...(Object.fromEntries(prefixed) as Headers) };
}

/**
 * A dead letter that says only where its record is, for when its topic does not take all of it.
 * @returns undefined when it is one already
 */
export function withoutContent(letter: OutputRecord): OutputRecord | undefined {
  if (`${PREFIX}${OMITTED}` in letter.headers) return undefined;
  const isKept = (name: string) => name.startsWith(PREFIX) || name === ATTEMPTS_HEADER;
  const all = Object.entries(letter.headers).filter(([name]) => isKept(name));
  const kept = all.map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, LONGEST_REFERENCE_TEXT) : value,
  ]);
  const omitted = String((letter.key?.length ?? 0) + (letter.value?.length ?? 0));
  const headers = { ...(Object.fromEntries(kept) as Headers), [`${PREFIX}${OMITTED}`]: omitted };
  return { ...letter, key: null, value: null, headers };
}

/** Reads a record of a dead-letter topic; undefined when it is no dead letter. */
export function readDeadLetter(partition: number, raw: RawRecord): DeadLetter | undefined {
  const said = (name: string) => raw.headers[`${PREFIX}${name}`]?.toString();
  const message = said('message');
  if (message === undefined) return undefined;
  const topic = said('topic');
  const own = Object.entries(raw.headers).filter(([name]) => !name.startsWith(PREFIX));
  return {
    partition,
    offset: raw.offset,
    writtenAt: raw.timestamp,
    kind: (said('kind') ?? 'process') as FailureKind,
    task: said('task') ?? '',
    node: said('node') ?? '',
    exception: said('exception') ?? '',
    reason: message,
    origin:
      topic === undefined
        ? undefined
        : {
            topic,
            partition: Number(said('partition')),
            offset: Number(said('offset')),
            timestamp: Number(said('timestamp') ?? raw.timestamp),
          },
    key: raw.key,
    value: raw.value,
    headers: Object.fromEntries(own),
    attempts: Number(raw.headers[ATTEMPTS_HEADER]?.toString() ?? 0),
    isReference: said(OMITTED) !== undefined,
  };
}
