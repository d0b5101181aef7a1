interface Found {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _source: object }[] };
}

/** The documents of some search indices, sorted by their ids. Of each at most 10,000, as one search gives. */
export async function readIndices(
  url: string,
  names: readonly string[],
): Promise<Record<string, object[]>> {
  const indices: Record<string, object[]> = {};
  for (const name of names) {
    await fetch(`${url}/${name}/_refresh`, { method: 'POST' });
    const answer = await fetch(`${url}/${name}/_search?size=10000`);
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    const { hits } = ((await answer.json()) as Found).hits;
    const sorted = hits.toSorted((a, b) => (a._id < b._id ? -1 : 1));
    indices[`index ${name}`] = sorted.map(({ _id, _source }) => ({ _id, ..._source }));
  }
  return indices;
}
