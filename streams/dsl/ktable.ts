import type { StoreHandle, WindowedResults } from '../processor/store.ts';
import type { Windowed } from '../processor/windowed.ts';
import { stringSerde, windowedSerde } from '../serde/serdes.ts';
import type { Serde } from '../serde/serde.ts';
import { KStream } from './kstream.ts';
import { append, statelessNode, type Lineage } from './lineage.ts';
import type { Named } from './options.ts';
import type { WindowedOutputs } from './windowed-aggregate.ts';

/**
 * The latest value of each key, in a store. Made by `builder.table()` and by aggregations.
 *
 * @typeParam Change what a change of it is as a record: with null for a deletion, where there are any
 */
export class KTable<K, V, Change = V> {
  /** @internal */
  readonly lineage: Lineage<K, Change>;
  /** Its store, for processors that name it in `stores`, and for queries. */
  readonly store: StoreHandle<V, K>;

  /** @internal */
  constructor(lineage: Lineage<K, Change>, store: StoreHandle<V, K>) {
    this.lineage = lineage;
    this.store = store;
  }

  /** Each change as a record. */
  toStream(): KStream<K, Change> {
    return new KStream(this.lineage);
  }
}

/** The results of a windowed aggregation. */
export class WindowedKTable<K, V> {
  readonly #lineage: Lineage<K, V>;
  readonly #sizeMs: number;
  readonly #outputs: WindowedOutputs;
  readonly #output: keyof WindowedOutputs;
  /** Its store, for queries: `app.store(counts.store)`. It has what a window has come to so far, also with `suppress()`. */
  readonly store: WindowedResults<V, K>;

  /** @internal */
  constructor(
    lineage: Lineage<K, V>,
    sizeMs: number,
    outputs: WindowedOutputs,
    store: WindowedResults<V, K>,
    output: keyof WindowedOutputs = 'updates',
  ) {
    this.#lineage = lineage;
    this.#sizeMs = sizeMs;
    this.#outputs = outputs;
    this.store = store;
    this.#output = output;
  }

  /**
   * Holds results back until their window has closed, by the watermark: one record per key and window, and nothing after it.
   *
   * @example
   * const windows = TimeWindows.ofSizeAndGrace(60_000, 5_000);
   * clicks.groupByKey().windowedBy(windows).count({ name: 'per-minute' }).suppress().toStream();
   */
  suppress(): WindowedKTable<K, V> {
    return new WindowedKTable(this.#lineage, this.#sizeMs, this.#outputs, this.store, 'finals');
  }

  /** Each result as a record under its windowed key: every update, or what the window came to after `suppress()`. */
  toStream(options: Named = {}): KStream<Windowed<K>, V> {
    const lineage = this.#lineage;
    const operation = this.#output === 'finals' ? 'suppress' : 'to-stream';
    const node = statelessNode(lineage, operation, options.name, true, (record, forward) =>
      forward(record),
    );
    // The processor sends to a child by its name; there is one for each kind of output, and this goes behind it.
    const port = this.#port();
    port.children.push(node);
    const inner = lineage.key ?? (stringSerde as unknown as Serde<K>);
    return new KStream({
      ...append({ ...lineage, parents: [] }, node, { ...lineage, value: lineage.value }),
      key: windowedSerde(inner, this.#sizeMs),
    });
  }

  #port() {
    const [aggregate] = this.#lineage.parents;
    const name = this.#outputs[this.#output] ?? `${aggregate!.name}-${this.#output}`;
    this.#outputs[this.#output] = name;
    const known = aggregate!.children.find((child) => child.name === name);
    if (known) return known;
    const port = statelessNode(this.#lineage, this.#output, name, true, (record, forward) =>
      forward(record),
    );
    aggregate!.children.push(port);
    return port;
  }
}
