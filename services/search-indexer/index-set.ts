/**
 * The real indices behind the aliases.
 *
 * A rebuild makes a second index beside the one that is searched. For as long as there are two, whoever writes events writes
 * to both: see `rebuild.ts` for why nothing is missing in the new one.
 */
import {
  INDEX_NAMES,
  indexPattern,
  indices,
  statusOf,
  type IndexDefinition,
  type SearchClient,
} from '#kit';

/** The indices of an alias, as of now. */
export interface IndexSet {
  /** What is searched; undefined: there is nothing yet. */
  readonly live: string | undefined;
  /** Not searched: one that a rebuild fills, or has left behind. */
  readonly beside: readonly string[];
}

const TEMPLATE = 'kafka-alert-search';

/**
 * Nothing makes such an index but we: a write that comes after its index was deleted would bring it back, empty and with a
 * mapping that the engine has guessed.
 */
export async function forbidAutoCreation(client: SearchClient): Promise<void> {
  const names = INDEX_NAMES.flatMap((name) => [name, indexPattern(indices[name])]);
  await client.indices.putIndexTemplate({
    name: TEMPLATE,
    index_patterns: names,
    priority: 500,
    allow_auto_create: false,
  });
}

export async function indexSet(
  client: SearchClient,
  definition: IndexDefinition,
  signal?: AbortSignal,
): Promise<IndexSet> {
  const found = await client.indices.getAlias(
    { index: indexPattern(definition), allow_no_indices: true },
    signal && { signal },
  );
  const names = Object.keys(found).sort((a, b) => numberOf(a) - numberOf(b));
  const live = names.find((name) => definition.alias in (found[name]?.aliases ?? {}));
  return { live, beside: names.filter((name) => name !== live) };
}

/** Makes the first index of an alias; does nothing when there is one. @returns whether it did */
export async function maybeCreateIndex(
  client: SearchClient,
  definition: IndexDefinition,
): Promise<boolean> {
  const set = await indexSet(client, definition);
  if (set.live !== undefined) return false;
  try {
    await createIndex(client, definition, nextIndex(definition, set), { isLive: true });
    return true;
  } catch (error) {
    // Another instance was quicker.
    if (statusOf(error) === 400 && (await indexSet(client, definition)).live !== undefined)
      return false;
    throw error;
  }
}

export async function createIndex(
  client: SearchClient,
  { alias, settings, mappings }: IndexDefinition,
  name: string,
  { isLive }: { readonly isLive: boolean },
): Promise<void> {
  await client.indices.create({
    index: name,
    settings,
    mappings,
    ...(isLive && { aliases: { [alias]: {} } }),
  });
}

/** A name that no index of the alias has had. */
export function nextIndex({ alias, version }: IndexDefinition, { live, beside }: IndexSet): string {
  const numbers = [...(live === undefined ? [] : [live]), ...beside].map(numberOf);
  return `${alias}-v${version}-${Math.max(0, ...numbers) + 1}`;
}

/** Whether an index has the mapping of this version of the code. */
export function isCurrent({ alias, version }: IndexDefinition, name: string): boolean {
  return name.startsWith(`${alias}-v${version}-`);
}

function numberOf(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 0);
}
