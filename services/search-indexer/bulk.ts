import type { estypes } from '@elastic/elasticsearch';
import { statusOf, type SearchClient } from '#kit';

/** A document to be written, as a bulk request has it. */
export interface BulkItem {
  readonly action: estypes.BulkOperationContainer;
  readonly document: object;
}

/**
 * What became of an item: written; not, since there is a newer one (`conflict`); not, since the index is not there any more
 * (`gone`); or never to be (`refused`).
 */
export type ItemOutcome = 'written' | 'conflict' | 'gone' | { readonly refused: string };

/** The engine is too busy, or not whole: the same items may be taken later. */
export class BulkFailed extends Error {
  override readonly name = 'BulkFailed';
}

/**
 * Writes items, and answers what became of each, in their order.
 *
 * @throws {BulkFailed} for items that may be taken later, some of the others being written; what the client throws when the
 *   engine can't be reached. It is safe to call again: no item is written twice.
 */
export async function bulk(
  client: SearchClient,
  items: readonly BulkItem[],
  signal: AbortSignal,
): Promise<ItemOutcome[]> {
  if (items.length === 0) return [];
  let answer: estypes.BulkResponse;
  try {
    const operations = items.flatMap(({ action, document }) => [action, document]);
    answer = await client.bulk({ operations, refresh: false }, { signal });
  } catch (error) {
    const status = statusOf(error);
    // One item that can't be meant, such as an id that is too long, makes the engine refuse the request as a whole.
    if (status !== 400 && status !== 413) throw error;
    if (items.length === 1) return [{ refused: inShort((error as Error).message) }];
    const half = Math.ceil(items.length / 2);
    return [
      ...(await bulk(client, items.slice(0, half), signal)),
      ...(await bulk(client, items.slice(half), signal)),
    ];
  }
  return answer.items.map((item) => outcomeOf(Object.values(item)[0]!));
}

function outcomeOf({ _index, _id, status, error }: estypes.BulkResponseItem): ItemOutcome {
  if (status < 300) return 'written';
  const reason = `${error?.type ?? 'no reason'}: ${error?.reason ?? ''}`;
  if (status === 409) return 'conflict';
  if (status === 404) return 'gone';
  if (status === 400) return { refused: causesOf(error) };
  throw new BulkFailed(`${_index}/${String(_id)} was not taken (${status}): ${reason}`);
}

/** The outermost reason says which field, the innermost what is wrong with it. */
function causesOf(error: estypes.ErrorCause | undefined): string {
  const reasons: string[] = [];
  for (let cause = error; cause && reasons.length < 3; cause = cause.caused_by)
    if (cause.reason) reasons.push(cause.reason);
  return inShort(reasons.join(': '));
}

/** Reasons quote the value, however long it is. */
function inShort(reason: string): string {
  const line = reason.replace(/\s+/g, ' ').trim();
  const part = LONGEST_REASON / 2;
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, part)} … ${line.slice(-part)}`;
}

const LONGEST_REASON = 400;
