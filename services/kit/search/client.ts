import type { Client } from '@elastic/elasticsearch';

export type SearchClient = Client;

/** The search engine is away, too busy, or not set up yet: the same question may be answered later. */
export class SearchUnavailable extends Error {
  override readonly name = 'SearchUnavailable';
}

/**
 * A client of the search engine; connects when it is first asked. Each request is tried once: whoever asks knows best what to do.
 *
 * @example
 * const client = await openSearchClient('http://127.0.0.1:9200', { timeoutMs: 2000 });
 * const { hits } = await searchProducts(client, { q: '抹茶', lang: 'ja' });
 * await client.close();
 */
export async function openSearchClient(
  url: string,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<SearchClient> {
  // Only now: most services of the kit never search.
  const elasticsearch = await import('@elastic/elasticsearch');
  return new elasticsearch.Client({ node: url, requestTimeout: timeoutMs, maxRetries: 0 });
}

/** @throws {SearchUnavailable} where asking again may help; what else the call throws is a mistake in the question */
export async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const status = statusOf(error);
    // A wrong question is answered by 400; 404 is an index that is not there yet.
    if (status !== undefined && status < 500 && status !== 404 && status !== 429) throw error;
    throw new SearchUnavailable((error as Error).message, { cause: error });
  }
}

/** The HTTP status of what a client threw; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
