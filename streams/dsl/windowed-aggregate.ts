import type { Processor, ProcessorRecord } from '../processor/processor.ts';
import type { WindowStoreHandle } from '../processor/store.ts';
import type { Window, Windowed } from '../processor/windowed.ts';
import type { Stamped } from '../state/stamped.ts';
import type { TimeWindows } from './windows.ts';

/** What an aggregation makes of a record and what it had before; undefined when it had nothing. */
export type Fold = (key: unknown, value: unknown, aggregate: unknown) => unknown;

/** The children that get each update, and those that get what a window came to; absent as long as nobody asks. */
export interface WindowedOutputs {
  updates?: string;
  finals?: string;
}

type Key = Windowed<unknown>;

/**
 * Folds records into windows: one entry per key and window in a window store.
 *
 * A window takes records until the watermark is the grace past its end; then it is closed, its result final, and, unless the
 * retention is longer, its entry gone.
 */
export function windowedAggregate(
  store: WindowStoreHandle<Stamped<unknown>, unknown>,
  windows: TimeWindows,
  retentionMs: number,
  fold: Fold,
  outputs: WindowedOutputs,
): Processor<unknown, unknown, unknown, unknown> {
  const { sizeMs, graceMs } = windows;
  const closesAt = ({ end }: Window) => end + graceMs;
  return {
    stores: [store],
    timers: {
      store: store,
      version: `size ${sizeMs}, grace ${graceMs}, retention ${retentionMs}`,
      at: ({ isFinal }: Stamped<unknown>, { window }: Key) =>
        isFinal ? window.start + retentionMs : closesAt(window),
      onTimer(windowed: Key, dueAt, entry: Stamped<unknown>, context) {
        const { key, window } = windowed;
        const { state: value, at: timestamp, isFinal } = entry;
        if (!isFinal && outputs.finals !== undefined)
          context.forward({ key: windowed, value, timestamp }, outputs.finals);
        const kept = context.store(store);
        if (window.start + retentionMs > dueAt)
          kept.put(key, window.start, { ...entry, isFinal: true });
        else kept.delete(key, window.start);
      },
    },
    onRecord({ key, value, timestamp }, context) {
      const kept = context.store(store);
      for (const start of windows.startsOf(timestamp)) {
        const window = { start, end: start + sizeMs };
        if (closesAt(window) <= context.watermark) {
          context.drop('window-closed');
          continue;
        }
        const former = kept.get(key, start);
        const state = fold(key, value, former?.state);
        const at = Math.max(timestamp, former?.at ?? timestamp);
        kept.put(key, start, { state, at, isFinal: false });
        if (outputs.updates !== undefined)
          context.forward({ key: { key, window }, value: state, timestamp: at }, outputs.updates);
      }
    },
  };
}

/** The entries that a record will be folded into. */
export function entriesOf(
  { key, timestamp }: ProcessorRecord<unknown, unknown>,
  windows: TimeWindows,
): Key[] {
  return windows
    .startsOf(timestamp)
    .map((start) => ({ key, window: { start, end: start + windows.sizeMs } }));
}
