import { jsonSerde, numberSerde, StreamsBuilder } from '#streams';
import type { StoreHandle, Topic, Topology } from '#streams';
import type { StorageCommand, StorageEvent } from '#schemas';
import { stockKeeper } from './processor.ts';
import type { Reservation, Stock } from './stock.ts';

/** The store of all stock, by sku; for queries. */
export const stockBySku: StoreHandle<Stock> = { name: 'stock' };

/** What the topology reads and writes. */
export interface StorageTopics {
  readonly storageCommand: Topic<StorageCommand>;
  readonly storageEvent: Topic<StorageEvent>;
}

export interface StorageSettings {
  /** How long it is remembered, after the last change, that a command was seen; ms. Open reservations stay for ever. */
  readonly retentionMs: number;
}

export const defaultStorageSettings: StorageSettings = { retentionMs: 90 * 24 * 3_600_000 };

/**
 * Keeps the stock: reserves, confirms and compensates for orders, and takes in what is delivered. Each command is answered
 * by one event, with the levels after it.
 *
 * @example
 * import { topics } from '#schemas';
 * const topology = storage({ ...defaultStorageSettings, topics });
 */
export function storage(settings: StorageSettings & { readonly topics: StorageTopics }): Topology {
  const { topics, retentionMs } = settings;
  const builder = new StreamsBuilder('storage');
  const stores = {
    stock: builder.store(stockBySku.name, { ...jsonSerde<Stock>(), format: 'stock v1' }),
    reservations: builder.store('reservations', {
      ...jsonSerde<Reservation>(),
      format: 'reservation v1',
    }),
    restocks: builder.store('restocks', numberSerde, { retentionMs }),
  };
  builder
    .stream(topics.storageCommand)
    .process<StorageEvent>('keep-stock', stockKeeper(stores, retentionMs))
    .to(topics.storageEvent);
  return builder.build();
}
