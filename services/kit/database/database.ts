import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import type { ComponentHealth } from '../health.ts';

/** What runs statements: the database itself, or a transaction. */
export type Db = Pick<
  MySql2Database,
  'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'
>;

/** A MySQL 8 or MariaDB database. */
export interface Database {
  readonly db: MySql2Database;
  /** One transaction on one connection; tried again when the server has picked it as the victim of a deadlock. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>;
  health(): Promise<ComponentHealth>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `mysql://user:password@host:port/name` */
  readonly url: string;
  /** Connections at most; more queries wait. */
  readonly connections: number;
}

const CONNECT_MS = 5000;
/** A query that takes longer is given up, with its connection. */
const QUERY_MS = 30_000;
const HEALTH_MS = 1000;
/** No locks on what is not there: writers of different new rows do not wait for each other. */
const ISOLATION = 'read committed';
const DEADLOCK_TRIES = 5;
const DEADLOCK = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CHECKREAD',
  // Of a victim the whole transaction is gone, and with it what a part of it would go back to.
  'ER_SP_DOES_NOT_EXIST',
]);

/** Connects when first asked. */
export function openDatabase({ url, connections }: DatabaseOptions): Database {
  const pool = createPool({
    uri: url,
    connectionLimit: connections,
    // Its queue has no bound by default: whoever can't be served soon is told so.
    queueLimit: 10 * connections,
    connectTimeout: CONNECT_MS,
    enableKeepAlive: true,
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
  });
  const db = drizzle(pool);
  return {
    db,
    transaction: (work) =>
      retryDeadlocks(() => db.transaction(async (tx) => work(tx), { isolationLevel: ISOLATION })),
    health: () => healthOf(pool),
    close: () => pool.end(),
  };
}

/**
 * Does something while nobody else does it under the same name, in whatever process.
 * @throws when the lock is not to be had in `waitS` seconds
 */
export async function withLock<T>(
  url: string,
  name: string,
  waitS: number,
  work: () => Promise<T>,
): Promise<T> {
  const pool = createPool({ uri: url, connectionLimit: 1, connectTimeout: CONNECT_MS });
  const connection: PoolConnection = await pool.getConnection();
  try {
    const [rows] = await connection.query('SELECT GET_LOCK(?, ?) AS got', [name, waitS]);
    if ((rows as { got: number }[])[0]?.got !== 1)
      throw new Error(`'${name}' is being worked on by another process; try again when it is done`);
    return await work();
  } finally {
    // The lock goes with the connection.
    connection.destroy();
    await pool.end();
  }
}

async function retryDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === DEADLOCK_TRIES || !DEADLOCK.has(codeOf(error) ?? '')) throw error;
    }
  }
}

/** The server's or the driver's code of an error, e.g. `ER_DATA_TOO_LONG`, wherever it is wrapped. */
export function codeOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code;
  }
  return undefined;
}

/** Refusals of the server that pass by themselves; its other ones come from the statement. */
const PASSING = new Set([
  ...DEADLOCK,
  'ER_CON_COUNT_ERROR',
  'ER_QUERY_INTERRUPTED',
  'ER_SERVER_SHUTDOWN',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_USER_LIMIT_REACHED',
  // A replica that is about to become the primary.
  'ER_OPTION_PREVENTS_STATEMENT',
  // While it starts, it may not know its users and databases yet.
  'ER_ACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
]);
/** What the pool says, without a code. */
const NO_CONNECTION = /^(Queue limit reached|Pool is closed|No connections available)\./;

/** Whether an error says that the database can't be asked now, so that the same may work later. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code?.startsWith('ER_')) return PASSING.has(code);
  // `ERR_…` are Node's, of wrong arguments.
  if (code !== undefined) return !code.startsWith('ERR_');
  for (let each = error; each instanceof Error; each = each.cause)
    if (NO_CONNECTION.test(each.message)) return true;
  return false;
}

async function healthOf(pool: Pool): Promise<ComponentHealth> {
  const late = AbortSignal.timeout(HEALTH_MS);
  const { promise, reject } = Promise.withResolvers<never>();
  late.addEventListener('abort', () => reject(new Error(`no answer within ${HEALTH_MS} ms`)));
  try {
    await Promise.race([pool.query({ sql: 'SELECT 1', timeout: QUERY_MS }), promise]);
    return { status: 'UP' };
  } catch (error) {
    return { status: 'DOWN', details: { reason: (error as Error).message } };
  }
}
