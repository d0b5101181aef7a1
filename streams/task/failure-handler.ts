import { messageOf, RecordFailure, type FailurePolicy, type FailureKind } from '../errors.ts';
import { keyOf, type Cause } from './cause.ts';
import type { OutputRecord } from './commit.ts';
import { deadLetterHeaders } from './dead-letter.ts';

/** What becomes of records that fail where their source, step or sink does not say it; default: dead letters. */
export interface FailurePolicies {
  /** Reading a record. Kafka Streams: `deserialization.exception.handler`. */
  readonly onDeserializationError?: FailurePolicy;
  /** Steps, timers, punctuations. Kafka Streams: `processing.exception.handler` (KIP-1033). */
  readonly onProcessingError?: FailurePolicy;
  /** Writing outputs and state changes. Kafka Streams: `production.exception.handler`. */
  readonly onProductionError?: FailurePolicy;
}

/** A source, step or sink as far as its failures go. */
export interface FailedNode {
  readonly name: string;
  readonly onError?: FailurePolicy | undefined;
}

export interface Failure {
  readonly kind: FailureKind;
  readonly node: FailedNode;
  readonly error: unknown;
}

const LONGEST_KEY = 100;

const POLICY_OF = {
  deserialize: 'onDeserializationError',
  process: 'onProcessingError',
  timer: 'onProcessingError',
  punctuate: 'onProcessingError',
  produce: 'onProductionError',
} as const satisfies Record<FailureKind, keyof FailurePolicies>;

export interface FailureHandlerOptions {
  readonly task: string;
  readonly partition: number;
  /** Of dead letters. */
  readonly topic: string;
  readonly policies: FailurePolicies;
}

/** Does with a failure what its policy says. */
export class FailureHandler {
  readonly #options: FailureHandlerOptions;

  constructor(options: FailureHandlerOptions) {
    this.#options = options;
  }

  /**
   * @returns the dead letter that is written instead of what the cause would have come to
   * @throws {RecordFailure} when the policy is to stop
   */
  deadLetter(cause: Cause, failure: Failure): OutputRecord {
    const { policies, topic, task, partition } = this.#options;
    const policy = failure.node.onError ?? policies[POLICY_OF[failure.kind]] ?? 'dead-letter';
    if (policy === 'stop') throw this.#failureOf(cause, failure);
    const value = cause.kind === 'record' ? cause.raw.value : null;
    const headers = deadLetterHeaders(cause, failure, { task, partition });
    return { topic, key: keyOf(cause), value, headers };
  }

  #failureOf(cause: Cause, { kind, node, error }: Failure): RecordFailure {
    const { task, partition } = this.#options;
    const key = shown(keyOf(cause));
    return new RecordFailure(
      `task ${task}: ${this.#where(cause)}${key === undefined ? '' : `, key '${key}'`}: '${node.name}' failed (${kind}): ` +
        `${messageOf(error)}; nothing from there on is committed. Mend what is wrong, or let it become a dead letter ` +
        `(onError of '${node.name}', or ${POLICY_OF[kind]}: 'dead-letter'), and start again: it goes on there`,
      {
        kind,
        task,
        node: node.name,
        partition,
        ...(cause.kind === 'record' && { topic: cause.topic, offset: cause.raw.offset }),
        ...(key !== undefined && { key }),
      },
      { cause: error },
    );
  }

  #where(cause: Cause): string {
    if (cause.kind === 'record')
      return `${cause.topic}-${this.#options.partition}@${cause.raw.offset}`;
    const at = Number.isFinite(cause.at) ? new Date(cause.at).toISOString() : String(cause.at);
    return `${cause.kind} of '${cause.node}' at ${at}`;
  }
}

/** A key as text; undefined when there is none. */
function shown(key: Buffer | null): string | undefined {
  if (key === null) return undefined;
  const text = key.toString();
  const readable = /\p{Cc}|�/u.test(text) ? `0x${key.toString('hex')}` : text;
  return readable.length > LONGEST_KEY ? `${readable.slice(0, LONGEST_KEY)}…` : readable;
}
