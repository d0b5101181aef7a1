import { TopologyError } from '../errors.ts';
import type {
  GraphNode,
  ProcessorNode,
  SinkNode,
  SourceNode,
  StoreDefinition,
} from './topology.ts';
import type { Topology } from './topology.ts';

// Names become parts of topic names, column names and metric labels.
const NAME = /^[a-zA-Z0-9._-]{1,100}$/;

/**
 * Walks the graph from its sources, and checks that it can run.
 * @throws {TopologyError} with every fault found, each with what to change
 */
export function validate(
  name: string,
  sources: readonly SourceNode[],
  stores: readonly StoreDefinition[],
): Topology {
  const nodes = reachable(sources);
  const processors = nodes.filter((node) => node.kind === 'processor');
  const sinks = nodes.filter((node) => node.kind === 'sink');
  const faults = [
    ...sourceFaults(name, sources),
    ...nameFaults([name, ...processors.map((p) => p.name), ...stores.map((s) => s.name)]),
    ...storeFaults(processors, stores),
    ...loopFaults(sources, sinks),
  ];
  if (faults.length > 0) {
    throw new TopologyError(
      `topology '${name}' can't run:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
  }
  return { name, sources, processors, sinks, stores };
}

/** Every node once, in the order in which a record could meet them. */
export function reachable(sources: readonly SourceNode[]): GraphNode[] {
  const seen = new Set<GraphNode>();
  const visit = (node: GraphNode) => {
    if (seen.has(node)) return;
    seen.add(node);
    node.children.forEach(visit);
  };
  sources.forEach(visit);
  return [...seen];
}

function sourceFaults(name: string, sources: readonly SourceNode[]): string[] {
  if (sources.length === 0)
    return [`it reads nothing; start with builder.stream(topic) in '${name}'`];
  return repeated(sources.map((s) => s.topic.name)).map(
    (topic) => `topic '${topic}' is read twice; call stream() once and use its result twice`,
  );
}

function nameFaults(names: readonly string[]): string[] {
  return names
    .filter((name) => !NAME.test(name))
    .map((name) => `'${name}' is no name: letters, digits, '.', '_' and '-', 100 at most`);
}

function storeFaults(
  processors: readonly ProcessorNode[],
  stores: readonly StoreDefinition[],
): string[] {
  const used = processors.map((p) => p.processor.store.name);
  return [
    ...repeated(stores.map((s) => s.name)).map((s) => `store '${s}' is declared twice; rename one`),
    ...repeated(processors.map((p) => p.name)).map(
      (p) => `two processors are named '${p}'; rename one`,
    ),
    ...repeated(used).map((s) => `store '${s}' has two owners; give each processor its own`),
    ...used
      .filter((s) => !stores.some((d) => d.name === s))
      .map(
        (s) =>
          `store '${s}' is used and not declared; declare it with builder.store('${s}', serde)`,
      ),
    ...stores
      .filter((d) => !used.includes(d.name))
      .map(
        (d) => `store '${d.name}' is declared and not used; remove it or name it in a process()`,
      ),
    ...processors
      .filter((p) => p.processor.timer !== undefined && p.processor.onTimer === undefined)
      .map((p) => `processor '${p.name}' has a timer and no onTimer; add it`),
  ];
}

function loopFaults(sources: readonly SourceNode[], sinks: readonly SinkNode[]): string[] {
  return sinks
    .filter((sink) => sources.some((source) => source.topic.name === sink.topic.name))
    .map((sink) => `topic '${sink.topic.name}' is both read and written; use two topics`);
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
