import { expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';
import { describe, mermaid } from './describe.ts';
import type { Topology } from './topology.ts';

/** One of every kind of node, with a branch and a merge. */
function topology(): Topology {
  const builder = new StreamsBuilder('watch');
  const orders = builder.stream(pingTopic('orders'));
  const payments = builder.stream(pingTopic('payments')).mapValues((ping) => ping);
  const watched = orders.merge(payments).process<number, Ping>('watch-order', {
    store: builder.store('timelines', jsonSerde<number>()),
    onRecord: () => undefined,
  });
  watched.filter((ping) => ping.at > 0).to(pingTopic('alerts'));
  watched.to(pingTopic('all'));
  return builder.build();
}

test('describes every node once, with where it leads', () => {
  expect(describe(topology())).toBe(
    `Topology: watch
  Source: KSTREAM-SOURCE-0000000000 (topic: orders)
    --> watch-order
  Processor: watch-order (store: timelines)
    --> KSTREAM-FILTER-0000000003, KSTREAM-SINK-0000000005
  Processor: KSTREAM-FILTER-0000000003 (filter)
    --> KSTREAM-SINK-0000000004
  Sink: KSTREAM-SINK-0000000004 (topic: alerts)
  Sink: KSTREAM-SINK-0000000005 (topic: all)
  Source: KSTREAM-SOURCE-0000000001 (topic: payments)
    --> KSTREAM-MAPVALUES-0000000002
  Processor: KSTREAM-MAPVALUES-0000000002 (map-values)
    --> watch-order
`,
  );
});

test('draws topics, nodes and stores', () => {
  expect(mermaid(topology())).toBe(
    `flowchart LR
  n1>"orders"] --> n0["KSTREAM-SOURCE-0000000000"]
  n0 --> n2
  n2["watch-order"]
  n2 <--> n3[("timelines")]
  n2 --> n4
  n2 --> n5
  n4["KSTREAM-FILTER-0000000003"]
  n4 --> n6
  n6["KSTREAM-SINK-0000000004"] --> n7>"alerts"]
  n5["KSTREAM-SINK-0000000005"] --> n8>"all"]
  n10>"payments"] --> n9["KSTREAM-SOURCE-0000000001"]
  n9 --> n11
  n11["KSTREAM-MAPVALUES-0000000002"]
  n11 --> n2
`,
  );
});

test('draws two nodes of one topic to that one topic', () => {
  const builder = new StreamsBuilder('fan-in');
  const out = pingTopic('out');
  const input = builder.stream(pingTopic('in'));
  input.to(out);
  input.to(out);
  const topics = mermaid(builder.build()).match(/\w+>"out"\]/g);
  expect(topics).toEqual([topics![0], topics![0]]);
});
