import type { GraphNode, Topology } from '../graph/topology.ts';
import type { ProcessorRecord } from '../processor/processor.ts';
import type { Serde, Topic } from '../serde/serde.ts';
import type { KeyedState } from '../state/keyed-state.ts';
import type { OutputRecord } from './commit.ts';
import { ProcessorRunner, type Forward, type RunnerHost } from './processor-runner.ts';

/** A topology made ready to run in one task: a function per source, and its processors. */
export interface ProcessorGraph {
  /** In the order of `topology.sources`. */
  readonly sources: readonly Forward[];
  readonly runners: readonly ProcessorRunner[];
}

export interface GraphParts {
  serde(topic: Topic<unknown>): Serde<unknown>;
  state(processor: string): KeyedState<unknown>;
  emit(output: OutputRecord): void;
}

/** Links the nodes by plain calls, children first, so that a record costs a call per node. */
export function linkGraph(topology: Topology, host: RunnerHost, parts: GraphParts): ProcessorGraph {
  const linked = new Map<GraphNode, Forward>();
  const runners: ProcessorRunner[] = [];

  const link = (node: GraphNode): Forward => {
    const known = linked.get(node);
    if (known) return known;
    const forward = fanOut(node.children.map(link));
    const own = linkNode(node, forward);
    linked.set(node, own);
    return own;
  };

  const linkNode = (node: GraphNode, forward: Forward): Forward => {
    switch (node.kind) {
      case 'source':
        return forward;
      case 'stateless':
        return (record) => {
          const next = node.apply(record);
          if (next) forward(next);
        };
      case 'processor': {
        const runner = new ProcessorRunner(node, parts.state(node.name), host, forward);
        runners.push(runner);
        return (record) => runner.onRecord(record);
      }
      case 'sink':
        return sinkOf(node.topic, parts);
    }
  };

  return { sources: topology.sources.map(link), runners };
}

function sinkOf(topic: Topic<unknown>, parts: GraphParts): Forward {
  const serde = parts.serde(topic);
  return (record: ProcessorRecord<unknown>) =>
    parts.emit({
      topic: topic.name,
      key: Buffer.from(record.key),
      value: serde.encode(record.value),
      headers: record.headers,
    });
}

function fanOut(children: readonly Forward[]): Forward {
  if (children.length === 1) return children[0]!;
  return (record) => {
    for (const child of children) child(record);
  };
}
