import {
  storesOf,
  type GraphNode,
  type SourceNode,
  type StoreDefinition,
  type SubTopology,
} from './topology.ts';

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

/**
 * Splits a graph where only topics connect it. What shares a node or a store is one sub-topology, since it must be in one
 * task; they are numbered in the order in which their first sources were declared.
 */
export function splitGraph(
  sources: readonly SourceNode[],
  stores: readonly StoreDefinition[],
): SubTopology[] {
  const groups: { sources: SourceNode[]; nodes: Set<GraphNode>; stores: Set<string> }[] = [];
  for (const source of sources) {
    const nodes = new Set(reachable([source]));
    const used = new Set([...nodes].flatMap((n) => (n.kind === 'processor' ? storesOf(n) : [])));
    const own = { sources: [source], nodes, stores: used };
    // Joins every group that it touches; they keep the place of the first of them.
    const touched = groups.filter((group) => meet(group.nodes, nodes) || meet(group.stores, used));
    const [first, ...others] = touched;
    if (!first) {
      groups.push(own);
      continue;
    }
    for (const other of [...others, own]) {
      first.sources.push(...other.sources);
      for (const node of other.nodes) first.nodes.add(node);
      for (const store of other.stores) first.stores.add(store);
      if (groups.includes(other)) groups.splice(groups.indexOf(other), 1);
    }
  }
  return groups.map((group, id) => {
    // Tables first: of two records of one instant, the table's is taken before the one that looks it up.
    const own = sources
      .filter((source) => group.sources.includes(source))
      .sort((a, b) => Number(b.isTable ?? false) - Number(a.isTable ?? false));
    const nodes = reachable(own);
    return {
      id,
      sources: own,
      processors: nodes.filter((node) => node.kind === 'processor'),
      sinks: nodes.filter((node) => node.kind === 'sink'),
      stores: inFlowOrder(stores, own),
    };
  });
}

/** The stores behind the sources, each behind all whose processors lead to its own. */
function inFlowOrder(
  stores: readonly StoreDefinition[],
  sources: readonly SourceNode[],
): StoreDefinition[] {
  const seen = new Set<GraphNode>();
  const fromTheEnd: GraphNode[] = [];
  const visit = (node: GraphNode) => {
    if (seen.has(node)) return;
    seen.add(node);
    node.children.toReversed().forEach(visit);
    fromTheEnd.push(node);
  };
  sources.toReversed().forEach(visit);
  const met = fromTheEnd.reverse().flatMap((n) => (n.kind === 'processor' ? storesOf(n) : []));
  return [...new Set(met)].flatMap((name) => stores.filter((store) => store.name === name));
}

function meet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  for (const each of a) if (b.has(each)) return true;
  return false;
}
