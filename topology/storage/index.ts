export { defaultStorageSettings, stockBySku, storage } from './topology.ts';
export type { StorageSettings, StorageTopics } from './topology.ts';
export type { Stock } from './stock.ts';
