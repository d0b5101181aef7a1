import type { Processor } from '../processor/processor.ts';
import type { StoreHandle } from '../processor/store.ts';
import type { AnyJoiner } from './stream-join.ts';

/**
 * Looks each record's key up in a table. Stream and table are in one task, which takes their records in the order of event
 * time: so the table is as it stood at the record's time, as far as either side was there to be read.
 */
export function tableJoin(
  kind: 'join' | 'left-join',
  table: StoreHandle<unknown, unknown>,
  join: AnyJoiner,
): Processor<unknown, unknown, unknown, unknown> {
  return {
    stores: [table],
    onRecord({ key, value }, context) {
      const found = context.store(table).get(key);
      if (found === undefined && kind === 'join') return;
      context.forward({ key, value: join(value, found, key) });
    },
  };
}
