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
  Sub-topology: 0
    Source: orders-source (topic: orders)
      --> watch-order
    Processor: watch-order (store: timelines)
      --> orders-filter-1, all-sink
    Processor: orders-filter-1 (filter)
      --> alerts-sink
    Sink: alerts-sink (topic: alerts)
    Sink: all-sink (topic: all)
    Source: payments-source (topic: payments)
      --> payments-map-values-1
    Processor: payments-map-values-1 (map-values)
      --> watch-order
`,
  );
});

test('draws topics, nodes and stores', () => {
  expect(mermaid(topology())).toBe(
    `flowchart LR
  n0["orders-source"]
  n0 --> n1
  n1["watch-order"]
  n1 <--> n2[("timelines")]
  n1 --> n3
  n1 --> n4
  n3["orders-filter-1"]
  n3 --> n5
  n5["alerts-sink"]
  n4["all-sink"]
  n6["payments-source"]
  n6 --> n7
  n7["payments-map-values-1"]
  n7 --> n1
  n8>"orders"] --> n0
  n9>"payments"] --> n6
  n5 --> n10>"alerts"]
  n4 --> n11>"all"]
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
