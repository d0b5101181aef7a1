import type { KeyedProcessor } from '../processor/processor.ts';
import type { StoreHandle } from '../processor/store.ts';
import type { JoinBuffer, Item } from './join-buffer.ts';
import type { JoinWindows } from './windows.ts';

/** A record of either side, on its way into the join. */
export type Sided =
  | { readonly isLeft: true; readonly value: unknown }
  | { readonly isLeft: false; readonly value: unknown };

export type JoinKind = 'join' | 'left-join' | 'outer-join';

export type AnyJoiner = (left: unknown, right: unknown, key: unknown) => unknown;

/**
 * Joins two streams by key, within a window of event time.
 *
 * J1. A record is kept until no other one that it could be joined with may come: its window's end and the grace are past,
 *     by the watermark. What comes later than that is dropped, and counted.
 * J2. A pair is sent on as soon as the second of the two is there, at the later one's time.
 * J3. What is to be sent on unmatched is, once, when it is let go of; whether it had a match is kept with it.
 */
export function streamJoin(
  kind: JoinKind,
  store: StoreHandle<JoinBuffer, unknown>,
  { beforeMs, afterMs, graceMs }: JoinWindows,
  join: AnyJoiner,
): KeyedProcessor<Sided, JoinBuffer, unknown, unknown> {
  const leftCloses = ({ at }: Pick<Item, 'at'>) => at + afterMs + graceMs;
  const rightCloses = ({ at }: Pick<Item, 'at'>) => at + beforeMs + graceMs;
  const sendsLeft = kind !== 'join';
  const sendsRight = kind === 'outer-join';

  return {
    store,
    timerVersion: `before ${beforeMs}, after ${afterMs}, grace ${graceMs}`,
    // Both sides are in order, so their first ones are the next to close.
    timer: ({ left, right }) =>
      Math.min(
        left[0] ? leftCloses(left[0]) : Infinity,
        right[0] ? rightCloses(right[0]) : Infinity,
      ),

    onRecord({ key, value: { isLeft, value }, timestamp: at }, buffer = EMPTY, context) {
      const closes = isLeft ? leftCloses({ at }) : rightCloses({ at });
      if (closes <= context.watermark) {
        context.drop('window-closed');
        return;
      }
      const others = isLeft ? buffer.right : buffer.left;
      const [from, to] = isLeft ? [at - beforeMs, at + afterMs] : [at - afterMs, at + beforeMs];
      const matches = others.filter((other) => other.at >= from && other.at <= to);
      for (const other of matches) {
        const result = isLeft ? join(value, other.value, key) : join(other.value, value, key);
        context.forward(result, Math.max(at, other.at));
      }
      const item: Item = { at, isMatched: matches.length > 0, value };
      const own = inserted(isLeft ? buffer.left : buffer.right, item);
      const theirs = matches.every(({ isMatched }) => isMatched)
        ? others
        : others.map((other) => (matches.includes(other) ? { ...other, isMatched: true } : other));
      context.put(isLeft ? { left: own, right: theirs } : { left: theirs, right: own });
    },

    onTimer(key, dueAt, { left, right }, context) {
      const unmatched = [
        ...left.filter((i) => sendsLeft && !i.isMatched && leftCloses(i) <= dueAt).map(ofLeft),
        ...right.filter((i) => sendsRight && !i.isMatched && rightCloses(i) <= dueAt).map(ofRight),
      ].sort((a, b) => a.at - b.at);
      for (const { at, isLeft, value } of unmatched) {
        context.forward(isLeft ? join(value, undefined, key) : join(undefined, value, key), at);
      }
      const rest = {
        left: left.filter((item) => leftCloses(item) > dueAt),
        right: right.filter((item) => rightCloses(item) > dueAt),
      };
      context.put(rest.left.length + rest.right.length > 0 ? rest : null);
    },
  };
}

const EMPTY: JoinBuffer = { left: [], right: [] };

const ofLeft = (item: Item) => ({ ...item, isLeft: true });
const ofRight = (item: Item) => ({ ...item, isLeft: false });

/** Behind those of its own instant, so that one instant's stay in the order of arrival. */
function inserted(items: readonly Item[], item: Item): Item[] {
  let at = items.length;
  while (at > 0 && items[at - 1]!.at > item.at) at--;
  return items.toSpliced(at, 0, item);
}
