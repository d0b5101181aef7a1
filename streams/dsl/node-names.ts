/** Hands out names for nodes that the user did not name, in Kafka Streams' form: `KSTREAM-FILTER-0000000003`. */
export class NodeNames {
  #count = 0;

  next(operation: string): string {
    return `KSTREAM-${operation}-${String(this.#count++).padStart(10, '0')}`;
  }
}
