import { createRequire } from 'node:module';

/**
 * The few calls of the `rocksdb` package that the backend uses. Its underscore methods are private to it, so the package's
 * version is pinned, and nothing but `rocksdb-backend.ts` imports this file.
 */
export interface RocksLevel {
  readonly columns: Record<string, Column>;
  open(options: {
    createIfMissing: boolean;
    walCompression: boolean;
    columns: Record<string, Record<string, unknown>>;
  }): Promise<void>;
  close(): Promise<void>;
  _getManySync(keys: readonly Buffer[], options: { column: Column }): (Buffer | undefined)[];
  _iterator(options: Record<string, unknown>): NativeIterator;
  _chainedBatch(): NativeBatch;
  /** Lets go of what `_iterator` made: closing it synchronously does not. */
  detachResource(resource: NativeIterator): void;
}

/** A column family's handle. */
export type Column = object & { readonly __column?: never };

export interface NativeIterator {
  _nextvSync(size: number, options: object): { rows: Buffer[]; finished: boolean };
  _closeSync(): void;
}

export interface NativeBatch {
  _put(key: Buffer, value: Buffer, options: { column: Column }): void;
  _del(key: Buffer, options: { column: Column }): void;
  _writeSync(options: object): void;
  _clear(): void;
}

interface Constructor {
  new (folder: string, options: { keyEncoding: string; valueEncoding: string }): RocksLevel;
  readonly prototype: RocksLevel;
}

const rocksdb = createRequire(import.meta.url)('rocksdb') as { RocksLevel: Constructor };

export const RocksLevel: Constructor = rocksdb.RocksLevel;
