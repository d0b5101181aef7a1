import type { StoreDefinition } from '../graph/topology.ts';
import type { Serde } from '../serde/serde.ts';
import { META_COLUMN, type Batch, type StateBackend } from '../state/backend.ts';
import {
  decodeLayout,
  encodeLayout,
  layoutOf,
  mergedLayout,
  type StoreLayout,
} from '../state/layout.ts';

/** Keeps the layout of one store beside its checkpoint, and tells when the changelog does not have it yet. */
export class StoreLayoutMark {
  readonly #changelog: string;
  readonly #own: StoreLayout;
  readonly #reads: { readonly keys: readonly string[]; readonly values: readonly string[] };
  readonly #key: Buffer;
  /** As it is in the changelog, as far as local state knows. */
  #written: Buffer | undefined;
  #current: StoreLayout;

  /** @throws {StreamsException} when local state was written by an incompatible topology */
  constructor(
    backend: StateBackend,
    changelog: string,
    definition: StoreDefinition,
    serde: Serde<unknown>,
  ) {
    this.#changelog = changelog;
    this.#own = layoutOf(definition, serde);
    this.#reads = { keys: definition.key?.reads ?? [], values: serde.reads ?? [] };
    this.#key = Buffer.from(`layout ${changelog}`);
    this.#current = this.#own;
    const [written] = backend.getMany(META_COLUMN, [this.#key]);
    if (written) this.#accept(written);
  }

  /** The layout that the changelog must get with the next change; undefined when it has it. */
  get unwritten(): StoreLayout | undefined {
    return this.#written?.equals(encodeLayout(this.#current)) ? undefined : this.#current;
  }

  /** It came with the changelog. */
  restore(bytes: Buffer, batch: Batch): void {
    this.#accept(bytes);
    batch.put(META_COLUMN, this.#key, bytes);
  }

  /** The changelog has it. */
  write(batch: Batch): void {
    if (!this.unwritten) return;
    this.#written = encodeLayout(this.#current);
    batch.put(META_COLUMN, this.#key, this.#written);
  }

  forget(batch: Batch): void {
    this.#written = undefined;
    this.#current = this.#own;
    batch.delete(META_COLUMN, this.#key);
  }

  #accept(bytes: Buffer): void {
    const found = decodeLayout(this.#changelog, bytes);
    this.#current = mergedLayout(this.#changelog, found, this.#own, this.#reads);
    this.#written = Buffer.from(bytes);
  }
}
