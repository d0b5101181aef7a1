import { reachable } from './validate.ts';
import type { GraphNode, Topology } from './topology.ts';

/** The topology as text, in the manner of Kafka Streams' `TopologyDescription`. */
export function describe(topology: Topology): string {
  const lines = [`Topology: ${topology.name}`];
  for (const node of reachable(topology.sources)) {
    lines.push(`  ${title(node)}`);
    if (node.children.length > 0)
      lines.push(`    --> ${node.children.map((c) => c.name).join(', ')}`);
  }
  return lines.join('\n') + '\n';
}

/** The topology as a Mermaid flow chart. */
export function mermaid(topology: Topology): string {
  const lines = ['flowchart LR'];
  const ids = new Map<string, string>();
  const id = (key: string) => {
    const known = ids.get(key) ?? `n${ids.size}`;
    ids.set(key, known);
    return known;
  };
  for (const node of reachable(topology.sources)) {
    const self = id(`node ${node.name}`);
    if (node.kind === 'source')
      lines.push(
        `  ${id(`topic ${node.topic.name}`)}>"${node.topic.name}"] --> ${self}["${node.name}"]`,
      );
    else if (node.kind === 'sink')
      lines.push(
        `  ${self}["${node.name}"] --> ${id(`topic ${node.topic.name}`)}>"${node.topic.name}"]`,
      );
    else lines.push(`  ${self}["${node.name}"]`);
    if (node.kind === 'processor') {
      const store = node.processor.store.name;
      lines.push(`  ${self} <--> ${id(`store ${store}`)}[("${store}")]`);
    }
    for (const child of node.children) lines.push(`  ${self} --> ${id(`node ${child.name}`)}`);
  }
  return lines.join('\n') + '\n';
}

function title(node: GraphNode): string {
  switch (node.kind) {
    case 'source':
      return `Source: ${node.name} (topic: ${node.topic.name})`;
    case 'sink':
      return `Sink: ${node.name} (topic: ${node.topic.name})`;
    case 'processor':
      return `Processor: ${node.name} (store: ${node.processor.store.name})`;
    case 'stateless':
      return `Processor: ${node.name} (${node.operation})`;
  }
}
