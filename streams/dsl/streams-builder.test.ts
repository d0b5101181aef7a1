import { expect, test } from 'vitest';
import { TopologyError } from '../errors.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import { StreamsBuilder } from './streams-builder.ts';

test('hands over a topology: what it reads, runs, keeps and writes', () => {
  const builder = new StreamsBuilder('app');
  const serde = jsonSerde<number>();
  const [input, output] = [pingTopic('in'), pingTopic('out')];
  const processor = {
    store: builder.store('seen', serde),
    onRecord: () => undefined,
  };
  builder.stream(input).process('watch', processor);
  builder.stream(pingTopic('other')).to(output);
  const topology = builder.build();
  expect(topology.name).toBe('app');
  expect(topology.sources.map(({ topic }) => topic.name)).toEqual(['in', 'other']);
  expect(topology.sources[0]?.topic).toBe(input);
  expect(topology.processors).toMatchObject([{ name: 'watch', processor }]);
  expect(topology.stores).toEqual([{ name: 'seen', kind: 'key-value', serde }]);
  expect(topology.sinks.map(({ topic }) => topic)).toEqual([output]);
});

test('names what the user does not', () => {
  const name = () => {
    const builder = new StreamsBuilder('app');
    const input = builder.stream(pingTopic('in'));
    input.filter(() => true).to(pingTopic('out'));
    const { sources, sinks } = builder.build();
    return [...sources, ...sinks].map((node) => node.name);
  };
  expect(name()).toEqual(['in-source', 'out-sink']);
  expect(name()).toEqual(name());
});

test('refuses what can not run', () => {
  const builder = new StreamsBuilder('app');
  builder.stream(pingTopic('in'));
  builder.store('unused', jsonSerde<number>());
  expect(() => builder.build()).toThrow(TopologyError);
});
