/**
 * A store's committed entries as they are on disk, for whoever asks from outside: nothing that a crash could take back is
 * among them, nothing is decoded, and the cache that processing lives on stays as it is.
 */
export interface CommittedStore {
  /** The changelog offset behind the last record that it has. */
  readonly position: number;
  get(key: Buffer): Buffer | undefined;
  /** Entries with `from <= key`, in key order, `limit` at most. */
  scan(from: Buffer, limit: number): [key: Buffer, value: Buffer][];
}
