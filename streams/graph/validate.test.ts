import { describe, expect, test } from 'vitest';
import { TopologyError } from '../errors.ts';
import type { KeyedProcessor } from '../processor/processor.ts';
import { jsonSerde, pingTopic } from '../testing/topics.ts';
import type {
  AnyKeyedProcessor,
  GraphNode,
  ProcessorNode,
  SinkNode,
  SourceNode,
  StoreDefinition,
} from './topology.ts';
import { reachable } from './sub-topologies.ts';
import { validate } from './validate.ts';

function source(topic: string, ...children: GraphNode[]): SourceNode {
  return { kind: 'source', name: `read-${topic}`, topic: pingTopic(topic), children };
}

function sink(topic: string): SinkNode {
  return { kind: 'sink', name: `write-${topic}`, topic: pingTopic(topic), children: [] };
}

function processor(
  name: string,
  store: string,
  rest: Partial<KeyedProcessor<unknown, unknown, unknown>> = {},
): ProcessorNode {
  const keyed = { store: { name: store }, onRecord: () => undefined, ...rest };
  return {
    kind: 'processor',
    name,
    processor: keyed as unknown as AnyKeyedProcessor,
    children: [],
  };
}

function store(name: string): StoreDefinition {
  return { name, kind: 'key-value', serde: jsonSerde() };
}

/** The faults that are found, without the message's first line. */
function faults(sources: SourceNode[], stores: StoreDefinition[] = [], name = 'app'): string[] {
  try {
    validate(name, sources, stores);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(TopologyError);
    const [first, ...lines] = (error as TopologyError).message.split('\n');
    expect(first).toBe(`topology '${name}' can't run:`);
    return lines.map((line) => line.replace('  - ', ''));
  }
}

test('a topology that can run comes with all its nodes', () => {
  const write = sink('out');
  const watch = { ...processor('watch', 'seen'), children: [write] };
  const sources = [source('a', watch), source('b', watch)];
  const stores = [store('seen')];
  expect(validate('app', sources, stores)).toEqual({
    name: 'app',
    sources,
    processors: [watch],
    sinks: [write],
    stores,
    subTopologies: [{ id: 0, sources, processors: [watch], sinks: [write], stores }],
  });
});

test('a node that is met on several ways is there once, parents first', () => {
  const write = sink('out');
  const watch = { ...processor('watch', 'seen'), children: [write] };
  const names = reachable([source('a', watch, write), source('b', watch)]).map((n) => n.name);
  expect(names).toEqual(['read-a', 'watch', 'write-out', 'read-b']);
});

describe('what can not run says what to change:', () => {
  test('nothing is read', () => {
    expect(faults([])).toEqual(["it reads nothing; start with builder.stream(topic) in 'app'"]);
  });

  test('a topic is read twice', () => {
    expect(faults([source('a'), source('a'), source('a')])).toEqual([
      "topic 'a' is read twice; call stream() once and use its result twice",
    ]);
  });

  test('a topic is read and written', () => {
    expect(faults([source('a', sink('a'), sink('b'))])).toEqual([
      "topic 'a' is both read and written; use two topics",
    ]);
  });

  test.each(['', 'a b', 'a/b', 'ä', "it's", 'x'.repeat(101)])('%j is no name', (name) => {
    const fault = `'${name}' is no name: letters, digits, '.', '_' and '-', 100 at most`;
    expect(faults([source('a')], [], name)).toEqual([fault]);
    expect(faults([source('a', processor(name, 'seen'))], [store('seen')])).toEqual([fault]);
    expect(faults([source('a', processor('p', name))], [store(name)])).toEqual([fault]);
  });

  test.each(['a', 'order-timelines', 'v1.2_b', 'x'.repeat(100)])('%j is one', (name) => {
    expect(faults([source('a', processor(name, name))], [store(name)], name)).toEqual([]);
  });

  test('a store is declared twice', () => {
    expect(faults([source('a', processor('p', 's'))], [store('s'), store('s')])).toEqual([
      "store 's' is declared twice; rename one",
    ]);
  });

  test('two processors have one name', () => {
    const both = [processor('p', 's'), processor('p', 't')];
    expect(faults([source('a', ...both)], [store('s'), store('t')])).toEqual([
      "two processors are named 'p'; rename one",
    ]);
  });

  test('a store has two owners', () => {
    const both = [processor('p', 's'), processor('q', 's')];
    expect(faults([source('a', ...both)], [store('s')])).toEqual([
      "store 's' has two owners; give each processor its own, or let one use the other's by 'stores'",
    ]);
  });

  test('a store is used and not declared, another one the other way round', () => {
    expect(faults([source('a', processor('p', 's'))], [store('t')])).toEqual([
      "store 's' is used and not declared; declare it with builder.store('s', serde)",
      "store 't' is declared and not used; remove it or name it in a process()",
    ]);
  });

  test('a timer has nothing to run', () => {
    const node = processor('p', 's', { timer: () => 1 });
    expect(faults([source('a', node)], [store('s')])).toEqual([
      "processor 'p' has a timer and no onTimer; add it",
    ]);
    const whole = processor('p', 's', { timer: () => 1, onTimer: () => undefined });
    expect(faults([source('a', whole)], [store('s')])).toEqual([]);
  });

  test('all faults at once', () => {
    expect(faults([source('a', sink('a'), processor('p', 's'))], [], 'a b').length).toBe(3);
  });
});
