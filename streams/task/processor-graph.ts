import {
  isKeyed,
  type AnyRecord,
  type Forward,
  type GraphNode,
  type ProcessorNode,
  type SinkNode,
  type SourceNode,
  type StoreDefinition,
  type SubTopology,
} from '../graph/topology.ts';
import type { KeyedState } from '../state/keyed-state.ts';
import {
  KeyedRunner,
  RecordRunner,
  type RunnerHost,
  type RunnerLinks,
  type TimedRunner,
} from './processor-runner.ts';
import { RetainingStore, StateStore, StateWindowStore } from './store-access.ts';
import { isStamped } from './store-parts.ts';

/** A sub-topology made ready to run in one task: a function per source, and what runs by itself. */
export interface ProcessorGraph {
  /** In the order of `topology.sources`. */
  readonly sources: readonly Forward[];
  readonly timed: readonly TimedRunner[];
  readonly punctuated: readonly RecordRunner[];
  /** Per source, what the records that come will read of the stores. */
  readonly readsAhead: readonly (readonly ReadAhead[])[];
}

export interface ReadAhead {
  readonly state: KeyedState<unknown, unknown>;
  /** Absent: the record's own key. */
  readonly keys: ((record: AnyRecord) => unknown[]) | undefined;
}

export interface GraphParts {
  state(store: string): KeyedState<unknown, unknown>;
  sink(node: SinkNode): Forward;
}

/** Links the nodes by plain calls, children first, so that a record costs a call per node. */
export function linkGraph(
  topology: Omit<SubTopology, 'id'>,
  host: RunnerHost,
  parts: GraphParts,
): ProcessorGraph {
  const linked = new Map<GraphNode, Forward>();
  const timed: TimedRunner[] = [];
  const punctuated: RecordRunner[] = [];

  const link = (node: GraphNode): Forward => {
    const known = linked.get(node);
    if (known) return known;
    const children = node.children.map(link);
    const own = linkNode(node, fanOut(children), children);
    linked.set(node, own);
    return own;
  };

  const linkNode = (node: GraphNode, forward: Forward, children: readonly Forward[]): Forward => {
    switch (node.kind) {
      case 'source':
        return forward;
      case 'stateless':
        return blamed(node, (record) => node.run(record, forward, children));
      case 'processor':
        return linkProcessor(node, {
          forward,
          children: new Map(node.children.map(({ name }, i) => [name, children[i]!])),
          store: (name, now) => storeView(definition(topology, name), parts.state(name), now),
        });
      case 'sink':
        return blamed(node, parts.sink(node));
    }
  };

  const blamed = (node: GraphNode, run: Forward): Forward => {
    return (record) => {
      try {
        run(record);
      } catch (error) {
        throw host.blame.noted(node, error);
      }
    };
  };

  const linkProcessor = (node: ProcessorNode, links: RunnerLinks): Forward => {
    const { processor } = node;
    // A punctuation has no key at hand, so also a keyed processor's runs in the general context.
    const general = new RecordRunner(node, host, links);
    if (processor.every) punctuated.push(general);
    if (isKeyed(processor)) {
      const state = parts.state(processor.store.name);
      const keyed = new KeyedRunner({ ...node, processor }, state, host, links);
      if (processor.timer) timed.push(keyed);
      return blamed(node, (record) => keyed.onRecord(record));
    }
    if (processor.timers) timed.push(general.timed(parts.state(processor.timers.store.name)));
    return blamed(node, (record) => general.onRecord(record));
  };

  const sources = topology.sources.map(link);
  for (const store of topology.stores) {
    if (store.retentionMs !== undefined) timed.push(expiry(store.name, parts.state(store.name)));
  }
  const readsAhead = topology.sources.map((source) => readsAheadOf(source, parts));
  return { sources, timed, punctuated, readsAhead };
}

function definition({ stores }: Pick<SubTopology, 'stores'>, name: string): StoreDefinition {
  return stores.find((store) => store.name === name)!;
}

function storeView(
  store: StoreDefinition,
  state: KeyedState<unknown, unknown>,
  now: () => number,
): unknown {
  if (store.kind === 'window') return new StateWindowStore(state as never, store.windowMs!);
  return isStamped(store) ? new RetainingStore(state as never, now) : new StateStore(state);
}

/** Deletes what has been kept for its time, locally and in the changelog, one entry at its instant. */
function expiry(store: string, state: KeyedState<unknown, unknown>): TimedRunner {
  return {
    node: { name: `retention of ${store}` },
    state,
    onTimer: (entry) => state.put(entry, undefined),
  };
}

/** Goes from a source to the stores whose entries its records lead to: as long as nothing changes the key. */
function readsAheadOf(source: SourceNode, parts: GraphParts): ReadAhead[] {
  const found = new Map<GraphNode, ReadAhead[]>();
  const visit = (node: GraphNode) => {
    if (found.has(node)) return;
    found.set(node, node.kind === 'processor' ? readAhead(node, parts) : []);
    const keepsKey =
      node.kind === 'processor' ? isKeyed(node.processor) : node.kind === 'source' || keeps(node);
    if (keepsKey) node.children.forEach(visit);
  };
  visit(source);
  return [...found.values()].flat();
}

function readAhead({ processor, readsAhead }: ProcessorNode, parts: GraphParts): ReadAhead[] {
  if (readsAhead) {
    const keys = readsAhead.keys.bind(readsAhead);
    return [{ state: parts.state(readsAhead.store), keys }];
  }
  if (!isKeyed(processor)) return [];
  return [{ state: parts.state(processor.store.name), keys: undefined }];
}

function keeps(node: GraphNode): boolean {
  return node.kind === 'stateless' && node.keepsKey;
}

function fanOut(children: readonly Forward[]): Forward {
  if (children.length === 1) return children[0]!;
  return (record) => {
    for (const child of children) child(record);
  };
}
