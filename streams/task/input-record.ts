import type { Headers } from '../processor/record.ts';
import type { AnyRecord } from '../graph/topology.ts';

/** A record as fetched. Its bytes may be slices of a whole response. */
export interface RawRecord {
  readonly offset: number;
  /** The record's own timestamp (append time), ms. Event time is in the value. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
}

/** A record of an input, decoded, or the reason why it could not be. */
export type InputRecord =
  | {
      readonly record: AnyRecord;
      readonly raw: RawRecord;
      readonly error?: undefined;
    }
  | { readonly error: Error; readonly raw: RawRecord; readonly record?: undefined };

/** Where a task stands in one input. */
export interface InputPosition {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to fetch. */
  readonly offset: number;
  /** The next offset to process. */
  readonly position: number;
  readonly buffered: number;
}
