import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamsException, messageWithCause } from '../errors.ts';
import { META_COLUMN, type Batch, type StateBackend } from './backend.ts';
import { RocksLevel, type Column, type NativeBatch } from './rocksdb-native.ts';

// The binding's default is 256 MB per column.
const MEMTABLE_BYTES = 4 << 20;
const BLOCK_CACHE_BYTES = 2 << 20;
const COLUMNS_FILE = 'columns.json';

/**
 * One RocksDB per task, with a column family per column. The write-ahead log makes a batch survive the process;
 * it is not synced at each write: after a crash of the machine the changelog fills in what is missing.
 */
export class RocksDbBackend implements StateBackend {
  readonly #db: RocksLevel;
  readonly #folder: string;
  /** Filled again: a closed one keeps its memory until it is collected, and JavaScript sees no reason to. */
  #written: NativeBatch | undefined;

  private constructor(db: RocksLevel, folder: string) {
    this.#db = db;
    this.#folder = folder;
  }

  /**
   * @param folder one task's own; made when it is not there
   * @throws {StreamsException} when it can't be opened, mostly because another process has it open
   */
  static async open(folder: string, columns: readonly string[]): Promise<RocksDbBackend> {
    try {
      await mkdir(folder, { recursive: true });
      const families = await rememberColumns(folder, columns);
      // Opened in the same turn: left alone, it would open itself, without the columns.
      const files = join(folder, 'rocksdb');
      const db = new RocksLevel(files, {
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
      });
      await db.open({
        createIfMissing: true,
        // It would keep megabytes for each task, to spare a file that is soon deleted.
        walCompression: false,
        columns: Object.fromEntries(families.map((name) => [name, columnOptions()])),
      });
      return new RocksDbBackend(db, files);
    } catch (error) {
      throw new StreamsException(
        `can't open the state in ${folder}: ${messageWithCause(error)}; if another instance uses this folder, ` +
          `give this one its own STATE_DIR`,
        { cause: error },
      );
    }
  }

  getMany(column: string, keys: readonly Buffer[]): (Buffer | undefined)[] {
    return keys.length === 0 ? [] : this.#db._getManySync(keys, { column: this.#family(column) });
  }

  scan(column: string, from: Buffer, limit: number): [Buffer, Buffer][] {
    const options = {
      gte: from,
      limit,
      column: this.#family(column),
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
    };
    const iterator = this.#db._iterator({ ...options, keys: true, values: true });
    try {
      const entries: [Buffer, Buffer][] = [];
      // In chunks: one call answers with at most what fits its byte budget.
      for (let done = false; !done && entries.length < limit;) {
        const { rows, finished } = iterator._nextvSync(limit - entries.length, {});
        for (let i = 0; i < rows.length; i += 2) entries.push([rows[i]!, rows[i + 1]!]);
        done = finished || rows.length === 0;
      }
      return entries;
    } finally {
      iterator._closeSync();
      this.#db.detachResource(iterator);
    }
  }

  batch(): Batch {
    const batch = this.#written ?? this.#db._chainedBatch();
    this.#written = undefined;
    const column = (name: string) => ({ column: this.#family(name) });
    return {
      put: (name, key, value) => batch._put(key, value, column(name)),
      delete: (name, key) => batch._del(key, column(name)),
      write: () => {
        batch._writeSync({});
        batch._clear();
        this.#written = batch;
      },
    };
  }

  clear(column: string): void {
    for (let from: Buffer | undefined = Buffer.alloc(0); from;) {
      const keys: Buffer[] = this.scan(column, from, 10_000).map(([key]) => key);
      const batch = this.batch();
      for (const key of keys) batch.delete(column, key);
      batch.write();
      // Not from the start again: that would be over all tombstones written so far.
      from = keys.at(-1);
    }
  }

  /** Tables and write-ahead log: RocksDB's own figures are of one column at a time, and the binding has the default one's only. */
  async sizeBytes(): Promise<number> {
    const names = await readdir(this.#folder);
    const files = names.filter((name) => /\.(sst|log)$/.test(name));
    const sizes = await Promise.all(files.map((name) => sizeOf(join(this.#folder, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  #family(name: string): Column {
    const column = this.#db.columns[name];
    if (!column)
      throw new StreamsException(`the state has no column '${name}'; it was opened with others`);
    return column;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    // Compaction replaces files at any time.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function columnOptions() {
  return {
    // The budget counts only with a compaction style given.
    compaction: 'level',
    memtableMemoryBudget: MEMTABLE_BYTES,
    cacheSize: BLOCK_CACHE_BYTES,
    optimize: 'point-lookup',
  };
}

/** RocksDB refuses to open without every family it has, and has no list of them before it is open: so one is kept. */
async function rememberColumns(folder: string, columns: readonly string[]): Promise<string[]> {
  const file = join(folder, COLUMNS_FILE);
  const known = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as string[];
  const all = [...new Set([META_COLUMN, ...known, ...columns])];
  if (all.length !== known.length) {
    await writeFile(`${file}.new`, JSON.stringify(all));
    await rename(`${file}.new`, file);
  }
  return all;
}
