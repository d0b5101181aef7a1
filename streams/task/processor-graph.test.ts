import { expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import type { ProcessorRecord } from '../processor/processor.ts';
import { stringKeys, type KeyCodec } from '../state/key-codec.ts';
import { KeyedState } from '../state/keyed-state.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { jsonSerde, pingTopic, type Ping } from '../testing/topics.ts';
import { Blame } from './blame.ts';
import type { OutputRecord } from './commit.ts';
import { linkGraph } from './processor-graph.ts';
import { sinkOf } from './sink.ts';
import { TaskMetrics } from './task-metrics.ts';

test('a node that several inputs lead to is linked once; each input has its own way in', () => {
  const builder = new StreamsBuilder('two');
  const received: string[] = [];
  const merged = builder
    .stream(pingTopic('a'))
    .mapValues((ping): Ping => ({ ...ping, act: 'mapped' }))
    .merge(builder.stream(pingTopic('b')));
  merged.process<number, Ping>('watch', {
    store: builder.store('seen', jsonSerde<number>()),
    onRecord: ({ value }) => void received.push(`${value.id} ${value.act ?? ''}`),
  });
  merged.to(pingTopic('out'));
  const emitted: OutputRecord[] = [];
  const graph = linkGraph(
    builder.build(),
    {
      watermark: { value: -Infinity },
      metrics: new TaskMetrics(),
      partition: 0,
      blame: new Blame(),
    },
    {
      state: (store) =>
        new KeyedState<unknown, unknown>(new MemoryBackend(), {
          store,
          serde: jsonSerde(),
          keys: stringKeys,
          cacheSize: 10,
        }),
      sink: (node) =>
        sinkOf(node, node.topic.name, node.topic.value, (output) => emitted.push(output)),
    },
  );
  expect(graph.readsAhead.map((reads) => reads.length)).toEqual([1, 1]);
  graph.sources[0]!(record('from a'));
  graph.sources[1]!(record('from b'));
  expect(received).toEqual(['from a mapped', 'from b ']);
  expect(emitted.map(({ topic, key }) => `${topic} ${String(key)}`)).toEqual([
    'out from a',
    'out from b',
  ]);
});

test('only what a source’s records lead to by their own key is read ahead', () => {
  const builder = new StreamsBuilder('ahead');
  const keep = (name: string) => ({
    store: builder.store(name, jsonSerde<number>()),
    onRecord: () => undefined,
  });
  const a = builder.stream(pingTopic('a'));
  a.filter(() => true).process('of-a', keep('of-a'));
  a.mapValues((ping) => ping).process<Ping>('pass', { onRecord: (r, c) => c.forward(r) });
  builder.stream(pingTopic('b')).process('of-b', keep('of-b'));
  const table = builder.table(pingTopic('c'));
  builder
    .stream(pingTopic('d'))
    .join(table, (ping) => ping)
    .process('of-d', keep('of-d'));
  const topology = builder.build();
  const states = new Map<string, KeyedState<unknown, unknown>>();
  const state = (store: string) => {
    const known = states.get(store);
    if (known) return known;
    const keys = stringKeys as KeyCodec<unknown>;
    const made = new KeyedState<unknown, unknown>(new MemoryBackend(), {
      store,
      serde: jsonSerde(),
      keys,
      cacheSize: 10,
    });
    states.set(store, made);
    return made;
  };
  const host = {
    watermark: { value: 0 },
    metrics: new TaskMetrics(),
    partition: 0,
    blame: new Blame(),
  };
  const graph = linkGraph(topology, host, { state, sink: () => () => undefined });
  const ahead = topology.sources.map(({ topic }, i) => [
    topic.name,
    graph.readsAhead[i]!.map((read) => [...states].find(([, s]) => s === read.state)![0]),
  ]);
  expect(Object.fromEntries(ahead)).toEqual({
    a: ['of-a'],
    b: ['of-b'],
    c: ['c-table'],
    d: ['c-table'],
  });
});

function record(id: string): ProcessorRecord<unknown> {
  const value: Ping = { id, at: 1 };
  return { key: id, value, timestamp: 1, headers: {}, topic: 'in', partition: 0, offset: 0 };
}
