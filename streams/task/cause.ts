import type { FailureKind } from '../errors.ts';
import type { RawRecord } from './input-record.ts';

/** What a task is processing: what comes of it, and its failure, go back to it. */
export type Cause =
  | { readonly kind: 'record'; readonly topic: string; readonly raw: RawRecord }
  | {
      readonly kind: 'timer';
      readonly node: string;
      readonly key: Buffer;
      /** Event time, epoch ms. */
      readonly at: number;
    }
  /** `at`: wall clock, epoch ms. */
  | { readonly kind: 'punctuation'; readonly node: string; readonly at: number };

/** Names a cause within its task. A record and a timer have the same one after a restart. */
export function causeId(cause: Cause): string {
  switch (cause.kind) {
    case 'record':
      return `record ${cause.topic}@${cause.raw.offset}`;
    case 'timer':
      return `timer ${cause.node}@${cause.at} ${cause.key.toString('hex')}`;
    case 'punctuation':
      return `punctuation ${cause.node}@${cause.at}`;
  }
}

/** What it is called when the processing of a cause throws. */
export const KIND_OF_CAUSE = {
  record: 'process',
  timer: 'timer',
  punctuation: 'punctuate',
} as const satisfies Record<Cause['kind'], FailureKind>;

/** The key of what is being processed, as it is on the wire; null when there is none. */
export function keyOf(cause: Cause): Buffer | null {
  if (cause.kind === 'record') return cause.raw.key;
  return cause.kind === 'timer' ? cause.key : null;
}
