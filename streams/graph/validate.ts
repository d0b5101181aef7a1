import { TopologyError } from '../errors.ts';
import { reachable, splitGraph } from './sub-topologies.ts';
import {
  isKeyed,
  storesOf,
  type ProcessorNode,
  type SinkNode,
  type SourceNode,
  type StoreDefinition,
  type Topology,
} from './topology.ts';

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
    ...nameFaults([
      name,
      ...processors.map((p) => p.name),
      ...stores.map((s) => s.name),
      ...sources.filter((s) => s.repartition).map((s) => s.topic.name),
    ]),
    ...storeFaults(processors, stores),
    ...loopFaults(sources, sinks),
  ];
  if (faults.length > 0) {
    throw new TopologyError(
      `topology '${name}' can't run:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
  }
  const subTopologies = splitGraph(sources, stores);
  return { name, sources, processors, sinks, stores, subTopologies };
}

function sourceFaults(name: string, sources: readonly SourceNode[]): string[] {
  if (sources.length === 0)
    return [`it reads nothing; start with builder.stream(topic) in '${name}'`];
  const [own, internal] = [false, true].map((is) =>
    repeated(sources.filter((s) => (s.repartition !== undefined) === is).map((s) => s.topic.name)),
  );
  return [
    ...own!.map(
      (topic) => `topic '${topic}' is read twice; call stream() once and use its result twice`,
    ),
    ...internal!.map(
      (topic) => `two repartitions are named '${topic}'; rename one, or use its stream twice`,
    ),
  ];
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
  const used = [...new Set(processors.flatMap(storesOf))];
  const owned = processors.flatMap(({ processor }) =>
    isKeyed(processor) ? [processor.store.name] : (processor.timers?.store.name ?? []),
  );
  return [
    ...repeated(stores.map((s) => s.name)).map((s) => `store '${s}' is declared twice; rename one`),
    ...repeated(processors.map((p) => p.name)).map(
      (p) => `two processors are named '${p}'; rename one`,
    ),
    ...repeated(owned).map(
      (s) =>
        `store '${s}' has two owners; give each processor its own, or let one use the other's by 'stores'`,
    ),
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
    ...stores
      .filter((d) => d.retentionMs !== undefined && owned.includes(d.name))
      .map(
        (d) =>
          `store '${d.name}' has a retention and an owner; let the owner's timer drop its entries, or use it by 'stores' only`,
      ),
    ...processors.flatMap(({ name, processor }) => [
      ...(isKeyed(processor) && processor.timer !== undefined && processor.onTimer === undefined
        ? [`processor '${name}' has a timer and no onTimer; add it`]
        : []),
      ...(processor.every && !(processor.every.ms > 0)
        ? [`processor '${name}' runs every ${processor.every.ms} ms; give it a positive number`]
        : []),
    ]),
  ];
}

function loopFaults(sources: readonly SourceNode[], sinks: readonly SinkNode[]): string[] {
  return sinks
    .filter((sink) => !sink.repartition)
    .filter((sink) =>
      sources.some((source) => !source.repartition && source.topic.name === sink.topic.name),
    )
    .map((sink) => `topic '${sink.topic.name}' is both read and written; use two topics`);
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}
