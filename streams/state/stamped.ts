import type { Serde } from '../serde/serde.ts';

/** A state with the event time that it is of. */
export interface Stamped<S> {
  readonly state: S;
  readonly at: number;
  /** Whether its window is closed, and what it came to was sent on. */
  readonly isFinal: boolean;
}

const HEAD_BYTES = 9;

/** Flags, the time (8 bytes, IEEE 754), then the state's own bytes. */
export function stampedSerde<S>(serde: Serde<S>): Serde<Stamped<S>> {
  const named = (format: string) => `stamped(${format})`;
  return {
    encode({ state, at, isFinal }) {
      const bytes = serde.encode(state);
      const all = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
      all[0] = isFinal ? 1 : 0;
      all.writeDoubleBE(at, 1);
      bytes.copy(all, HEAD_BYTES);
      return all;
    },
    decode(bytes) {
      const state = serde.decode(bytes.subarray(HEAD_BYTES));
      return { state, at: bytes.readDoubleBE(1), isFinal: bytes[0] === 1 };
    },
    ...(serde.format !== undefined && { format: named(serde.format) }),
    ...(serde.reads && { reads: serde.reads.map(named) }),
  };
}
