import type { Answered, QueryRequest, StoreQuery, TaskAnswer } from './store-query.ts';

/**
 * Questions and answers as JSON, bytes in base64. What comes from elsewhere is checked: every `decode` throws a `TypeError`
 * that says what is wrong, also where the other side speaks another version.
 */
const VERSION = 1;

export function encodeRequest({ task, query, allowStale }: QueryRequest): string {
  const plain =
    query.kind === 'get'
      ? { kind: 'get', store: query.store, key: base64(query.key) }
      : { ...query, from: base64(query.from), to: query.to && base64(query.to) };
  return JSON.stringify({ v: VERSION, task, query: plain, allowStale });
}

export function decodeRequest(text: string): QueryRequest {
  const said = parsed(text);
  return {
    task: string(said, 'task'),
    query: decodeQuery(object(said['query'], 'query')),
    allowStale: boolean(said, 'allowStale'),
  };
}

export function encodeAnswer(answer: TaskAnswer): string {
  if (answer.status === 'not-available') return JSON.stringify({ v: VERSION, ...answer });
  const entries = answer.entries.map(([key, value]) => [base64(key), base64(value)]);
  return JSON.stringify({ v: VERSION, ...answer, entries });
}

export function decodeAnswer(text: string): TaskAnswer {
  const said = parsed(text);
  const task = string(said, 'task');
  const status = string(said, 'status');
  if (status === 'not-available') return { status, task, reason: string(said, 'reason') };
  if (status !== 'answered') throw new TypeError(`the status '${status}' is not known`);
  const entries = array(said, 'entries').map((entry): Answered['entries'][number] => {
    if (!Array.isArray(entry) || entry.length !== 2) throw new TypeError('an entry is no pair');
    return [bytes(entry[0], 'a key'), bytes(entry[1], 'a value')];
  });
  const isLast = boolean(said, 'isLast');
  if (!isLast && entries.length === 0)
    throw new TypeError('an empty page says that there are more');
  return {
    status,
    task,
    isActive: boolean(said, 'isActive'),
    position: number(said, 'position'),
    lag: number(said, 'lag'),
    asOf: number(said, 'asOf'),
    watermark: said['watermark'] === null ? null : number(said, 'watermark'),
    entries,
    isLast,
  };
}

function decodeQuery(said: Fields): StoreQuery {
  const store = string(said, 'store');
  const kind = string(said, 'kind');
  if (kind === 'get') return { kind, store, key: bytes(said['key'], 'key') };
  if (kind !== 'range') throw new TypeError(`the kind of query '${kind}' is not known`);
  const limit = number(said, 'limit');
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new TypeError(`limit is ${limit}, expected a whole number from 1 on`);
  const to = said['to'] === null ? null : bytes(said['to'], 'to');
  return { kind, store, from: bytes(said['from'], 'from'), to, limit };
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string): Fields {
  let said: Fields;
  try {
    said = object(JSON.parse(text) as unknown, 'the message');
  } catch (error) {
    if (error instanceof SyntaxError) throw new TypeError('no JSON', { cause: error });
    throw error;
  }
  if (said['v'] === VERSION) return said;
  throw new TypeError(`version ${String(said['v'])} is not known, expected ${VERSION}`);
}

function object(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new TypeError(`${what} is no object`);
}

function array(said: Fields, name: string): unknown[] {
  const value = said[name];
  if (Array.isArray(value)) return value;
  throw new TypeError(`${name} is no array`);
}

function string(said: Fields, name: string): string {
  const value = said[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} is no string`);
}

function boolean(said: Fields, name: string): boolean {
  const value = said[name];
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${name} is neither true nor false`);
}

function number(said: Fields, name: string): number {
  const value = said[name];
  if (typeof value === 'number') return value;
  throw new TypeError(`${name} is no number`);
}

function bytes(value: unknown, what: string): Buffer {
  const decoded = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  // Node skips what is no base64: then the way back leads elsewhere.
  if (decoded?.toString('base64') === value && decoded) return decoded;
  throw new TypeError(`${what} is no base64`);
}

function base64(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}
