import { Redis } from 'ioredis';
import type { ComponentHealth, Logger } from '#kit';
import { CacheUnavailable, type Cache } from './cache.ts';

/** Of a request that asks several times in a row only the first one waits in vain. */
const COMMAND_MS = 400;
const CONNECT_MS = 1000;
const LONGEST_RETRY_MS = 500;

const INCREMENT = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }`;

export interface RedisCache extends Cache {
  health(): Promise<ComponentHealth>;
  close(): void;
}

/**
 * Redis as the cache. Nothing waits for a connection, and nothing is sent twice: while Redis is away, calls fail at once; when it
 * hangs, they fail after 400 ms, and the connection is given up, so that what was sent into it is not carried out later.
 */
export function redisCache({
  url,
  prefix = 'bff:',
  logger,
}: {
  readonly url: string;
  readonly prefix?: string;
  readonly logger: Logger;
}): RedisCache {
  const redis = new Redis(url, {
    keyPrefix: prefix,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    retryStrategy: (times) => Math.min(50 * times, LONGEST_RETRY_MS),
  });
  let problem: string | undefined;
  redis.on('error', (error: Error) => {
    if (problem !== error.message) logger.warn({ error }, `Redis: ${error.message}`);
    problem = error.message;
  });
  redis.on('ready', () => {
    if (problem !== undefined) logger.info('Redis answers again');
    problem = undefined;
  });

  const ask = async <T>(command: () => Promise<T>): Promise<T> => {
    try {
      return await command();
    } catch (error) {
      const { message } = error as Error;
      if (message.includes('timed out') && redis.status === 'ready') redis.disconnect(true);
      throw new CacheUnavailable(`Redis: ${message}`, { cause: error });
    }
  };
  const all = async (commands: ReturnType<Redis['multi']>): Promise<void> => {
    const results = await commands.exec();
    const failed = results?.find(([error]) => error)?.[0];
    if (failed) throw failed;
  };
  const flat = (fields: ReadonlyMap<string, string>): string[] => [...fields].flat();

  return {
    get: (key) => ask(async () => (await redis.get(key)) ?? undefined),
    getAndKeep: (key, ttlMs) => ask(async () => (await redis.getex(key, 'PX', ttlMs)) ?? undefined),
    set: (key, value, ttlMs) =>
      ask(async () => {
        await redis.set(key, value, 'PX', ttlMs);
      }),
    setIfAbsent: (key, value, ttlMs) =>
      ask(async () => (await redis.set(key, value, 'PX', ttlMs, 'NX')) === 'OK'),
    delete: (...keys) =>
      ask(async () => {
        if (keys.length > 0) await redis.del(...keys);
      }),
    increment: (key, ttlMs) =>
      ask(async () => {
        const answer = await redis.eval(INCREMENT, 1, key, ttlMs);
        const [count, left] = answer as [number, number];
        return { count, ttlMs: left };
      }),
    readMap: (key) => ask(async () => new Map(Object.entries(await redis.hgetall(key)))),
    writeMap: (key, fields, ttlMs) =>
      ask(async () => {
        if (fields.size > 0)
          await all(
            redis
              .multi()
              .hset(key, ...flat(fields))
              .pexpire(key, ttlMs),
          );
      }),
    replaceMap: (key, fields, ttlMs) =>
      ask(() => {
        const emptied = redis.multi().del(key);
        return all(
          fields.size > 0 ? emptied.hset(key, ...flat(fields)).pexpire(key, ttlMs) : emptied,
        );
      }),
    removeFromMap: (key, fields) =>
      ask(async () => {
        if (fields.length > 0) await redis.hdel(key, ...fields);
      }),
    ping: () =>
      ask(async () => {
        await redis.ping();
      }),
    async health() {
      try {
        await redis.ping();
        return { status: 'UP' };
      } catch (error) {
        return { status: 'DOWN', details: { reason: problem ?? (error as Error).message } };
      }
    },
    close: () => redis.disconnect(),
  };
}
