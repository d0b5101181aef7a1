/** Several sources, each in the order of its keys' bytes, as one in that order. */
export async function* mergeSorted<T extends { readonly key: Uint8Array }>(
  sources: readonly AsyncIterator<T>[],
): AsyncGenerator<T> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first = -1;
    for (const [i, head] of heads.entries()) {
      if (head.done) continue;
      const least = heads[first];
      if (!least || least.done || Buffer.compare(head.value.key, least.value.key) < 0) first = i;
    }
    const head = heads[first];
    if (!head || head.done) return;
    yield head.value;
    heads[first] = await sources[first]!.next();
  }
}
