/**
 * Questions to stores, and their answers, as plain data: they go to other threads (structured clone) and to other instances
 * (JSON, `query-json.ts`) as they are. Keys and values stay encoded; whoever asks has the serdes.
 */
export type StoreQuery = GetQuery | RangeQuery;

export interface GetQuery {
  readonly kind: 'get';
  readonly store: string;
  readonly key: Uint8Array;
}

/** One page of the entries with `from <= key <= to`, in the order of the keys' bytes. */
export interface RangeQuery {
  readonly kind: 'range';
  readonly store: string;
  readonly from: Uint8Array;
  /** Null: to the end. */
  readonly to: Uint8Array | null;
  /** The most entries of a page, 1 or more; fewer are answered when they are large. */
  readonly limit: number;
}

/**
 * What is asked of one task. It is answered by who has the task, or not at all: nobody passes it on, so a question that meets
 * instances which disagree on who has what can't go round in circles.
 */
export interface QueryRequest {
  readonly task: string;
  readonly query: StoreQuery;
  /** Whether a standby of the task may answer. */
  readonly allowStale: boolean;
}

export type TaskAnswer = Answered | NotAvailable;

/** How new an answer is. */
export interface Freshness {
  /** Whether it is the owner's; else a standby's. */
  readonly isActive: boolean;
  /** The changelog offset behind the last record that the state has (KIP-796's position). */
  readonly position: number;
  /** Changelog records that the state lacked at `asOf`; 0 at the owner. */
  readonly lag: number;
  /** Wall clock, epoch ms: when the lag was looked up. */
  readonly asOf: number;
  /** Event time (epoch ms) up to which the state is complete; null: not known, as of a standby. */
  readonly watermark: number | null;
}

export interface Answered extends Freshness {
  readonly status: 'answered';
  readonly task: string;
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
  /** Whether there is nothing behind the last of the entries. */
  readonly isLast: boolean;
}

/** Asked again, or elsewhere, it may be answered. */
export interface NotAvailable {
  readonly status: 'not-available';
  readonly task: string;
  readonly reason: string;
}

/** Brings a question to the instance that answers at `host`, e.g. over HTTP. */
export interface QueryTransport {
  /** @throws whatever keeps the answer from coming: a standby may be asked instead */
  ask(host: string, request: QueryRequest): Promise<TaskAnswer>;
}

/** Bytes as serdes take them: a structured clone has lost that they were a buffer. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
