import { StreamsBuilder } from '../dsl/streams-builder.ts';
import type { Topology } from '../graph/topology.ts';
import type { KeyedProcessor } from '../processor/processor.ts';
import type { Topic } from '../serde/serde.ts';
import { jsonSerde, pingTopic } from './topics.ts';

/** How many pings of one key there were in the window that ends at `until`. */
export interface WindowCount {
  readonly id: string;
  readonly until: number;
  readonly count: number;
}

/** Instants of pings that are not counted yet, earliest first. */
type Pending = readonly number[];

const WINDOW_MS = 10;

export const left = pingTopic('left');
export const right = pingTopic('right');
export const counts: Topic<WindowCount> = {
  name: 'counts',
  value: jsonSerde<WindowCount>(),
  keyOf: (count) => count.id,
  eventTime: (count) => count.until,
};

/**
 * Counts pings per key and tumbling window. As long as nothing is late its results depend on the records only, not on
 * when they were read: so a run with crashes must give what the run without them gave.
 *
 * A ping whose `act` is `throw` throws after it has changed the state and sent something on.
 */
export function windowCounts(): Topology {
  const builder = new StreamsBuilder('window-counts');
  const store = builder.store('pending', jsonSerde<Pending>());
  const counter: KeyedProcessor<{ at: number; act?: string }, Pending, WindowCount> = {
    store,
    timer: (pending) => endOf(pending[0]!),
    onRecord(record, pending = [], context) {
      context.put([...pending, record.value.at].sort((a, b) => a - b));
      if (record.value.act !== 'throw') return;
      context.forward({ id: record.key, until: record.value.at, count: NaN });
      throw new Error('told to');
    },
    onTimer(id, until, pending, context) {
      const rest = pending.filter((at) => at >= until);
      context.forward({ id, until, count: pending.length - rest.length });
      context.put(rest.length > 0 ? rest : null);
    },
  };
  builder.stream(left).merge(builder.stream(right)).process('count', counter).to(counts);
  return builder.build();
}

function endOf(at: number): number {
  return (Math.floor(at / WINDOW_MS) + 1) * WINDOW_MS;
}
