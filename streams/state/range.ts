import type { StateBackend } from './backend.ts';

const CHUNK = 256;

/** A key that is changed, and not committed yet. */
export interface ChangedKey {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * The ids of a store's keys in the order of their bytes, from `from` to `to` (both included): the committed ones, and the
 * changed ones in between. Keys that are put on the way may or may not be among them; whether a key is still there, and
 * with which state, is for the caller to look up.
 */
export function* idsInRange(
  backend: StateBackend,
  column: string,
  range: { readonly from: Buffer; readonly to: Buffer | undefined },
  changed: Iterable<ChangedKey>,
  idOf: (bytes: Buffer) => string,
): Generator<{ id: string; committed: Buffer | undefined }> {
  const inside = (key: Buffer) => range.to === undefined || Buffer.compare(key, range.to) <= 0;
  const overlay = [...changed]
    .filter(({ bytes }) => Buffer.compare(bytes, range.from) >= 0 && inside(bytes))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  let next = 0;
  for (let from = range.from, done = false; !done;) {
    const rows = backend.scan(column, from, CHUNK);
    for (const [key, value] of rows) {
      if (!inside(key)) {
        done = true;
        break;
      }
      let order = -1;
      while (next < overlay.length && (order = Buffer.compare(overlay[next]!.bytes, key)) < 0) {
        yield { id: overlay[next++]!.id, committed: undefined };
      }
      if (next < overlay.length && order === 0) next++;
      yield { id: idOf(key), committed: value };
    }
    const last = rows.at(-1)?.[0];
    if (rows.length < CHUNK || !last) done = true;
    // Right behind the last one.
    else from = Buffer.concat([last, Buffer.alloc(1)]);
  }
  for (; next < overlay.length; next++) yield { id: overlay[next]!.id, committed: undefined };
}
