import { reachable } from './sub-topologies.ts';
import {
  isKeyed,
  storesOf,
  type GraphNode,
  type ProcessorNode,
  type SubTopology,
  type Topology,
} from './topology.ts';

/** The topology as text, in the manner of Kafka Streams' `TopologyDescription`; with a warning for each name that may change. */
export function describe(topology: Topology): string {
  const lines = [`Topology: ${topology.name}`];
  for (const subTopology of topology.subTopologies) {
    lines.push(`  Sub-topology: ${subTopology.id}`);
    for (const node of reachable(subTopology.sources)) {
      lines.push(`    ${title(node)}`);
      if (node.children.length > 0)
        lines.push(`      --> ${node.children.map((c) => c.name).join(', ')}`);
    }
  }
  for (const { name } of topology.stores.filter((store) => store.isGenerated)) {
    lines.push(
      `  Warning: store '${name}' has a generated name, which a change of the topology may change, and its changelog's with it; give it one: { name: … }`,
    );
  }
  return lines.join('\n') + '\n';
}

/** The topology as a Mermaid flow chart, each sub-topology in a box of its own when there are several. */
export function mermaid(topology: Topology): string {
  const lines = ['flowchart LR'];
  const ids = new Map<string, string>();
  const id = (key: string) => {
    const known = ids.get(key) ?? `n${ids.size}`;
    ids.set(key, known);
    return known;
  };
  const isOne = topology.subTopologies.length === 1;
  for (const subTopology of topology.subTopologies) {
    if (isOne) {
      lines.push(...drawn(subTopology, id).map((line) => `  ${line}`));
      continue;
    }
    lines.push(`  subgraph "sub-topology ${subTopology.id}"`);
    lines.push(...drawn(subTopology, id).map((line) => `    ${line}`), '  end');
  }
  // Outside of the boxes: topics are what connects them.
  for (const node of [...topology.sources, ...topology.sinks]) {
    const self = id(`node ${node.name}`);
    const topic = `${id(`topic ${topicOf(node)}`)}>"${topicOf(node)}"]`;
    lines.push(node.kind === 'source' ? `  ${topic} --> ${self}` : `  ${self} --> ${topic}`);
  }
  return lines.join('\n') + '\n';
}

function drawn({ sources }: SubTopology, id: (key: string) => string): string[] {
  const lines: string[] = [];
  for (const node of reachable(sources)) {
    const self = id(`node ${node.name}`);
    lines.push(`${self}["${node.name}"]`);
    if (node.kind === 'processor') {
      for (const store of storesOf(node))
        lines.push(`${self} <--> ${id(`store ${store}`)}[("${store}")]`);
    }
    for (const child of node.children) lines.push(`${self} --> ${id(`node ${child.name}`)}`);
  }
  return lines;
}

function title(node: GraphNode): string {
  switch (node.kind) {
    case 'source':
      return `Source: ${node.name} (topic: ${topicOf(node)}${node.isTable ? ', as a table' : ''})`;
    case 'sink':
      return `Sink: ${node.name} (topic: ${topicOf(node)})`;
    case 'processor':
      return `Processor: ${node.name} (${processorTitle(node)})`;
    case 'stateless':
      return `Processor: ${node.name} (${node.operation})`;
  }
}

function processorTitle(node: ProcessorNode): string {
  const stores = storesOf(node);
  const { processor, operation } = node;
  const hasTimers = isKeyed(processor) ? 'timer' in processor : processor.timers !== undefined;
  const parts = [
    ...(operation === undefined ? [] : [operation]),
    ...(stores.length === 0
      ? ['stores: none']
      : [`${stores.length === 1 ? 'store' : 'stores'}: ${stores.join(', ')}`]),
    ...(hasTimers ? ['timers'] : []),
    ...(processor.every ? [`every ${processor.every.ms} ms`] : []),
  ];
  return parts.join(', ');
}

/** The application's id comes before a repartition topic's name: it is not known here. */
function topicOf({ topic, repartition }: Extract<GraphNode, { kind: 'source' | 'sink' }>): string {
  return repartition ? `${topic.name}-repartition` : topic.name;
}
