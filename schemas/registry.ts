/**
 * The Confluent wire format: 0x00, the writer schema's id (4 bytes, big endian), plain Avro.
 *
 * R1. Decoding never waits: an id is loaded once (`load`), and its resolver compiled once per reader.
 * R2. An id that the registry does not know is asked for again only after a while: it may be registered later,
 *     but a topic full of garbage must not become a flood of requests.
 * R3. What can't be told now (registry away) is never remembered.
 */
import {
  COMPATIBILITY,
  SchemaRegistry as Client,
  SchemaType,
} from '@kafkajs/confluent-schema-registry';
import avsc from 'avsc';
import { avroType, decodeFrom, encodeAfter, type AvroSerde } from './avro.ts';
import type { AvroTopic } from './topics.ts';

/** Fits the runtime's `LoadingSerde`. */
export interface RegistrySerde<V> extends AvroSerde<V> {
  /**
   * Nothing when `decode(bytes)` can answer at once (also when the answer is a throw), else a promise that loads the
   * writer's schema. It rejects when the registry can't be asked.
   */
  load(bytes: Buffer): Promise<void> | undefined;
}

export interface RegistryOptions {
  /** Base URL of the registry's Confluent API; user and password may be part of it. */
  readonly url: string;
  /** Wall clock in epoch ms. */
  readonly now?: () => number;
  /** For one request; default 10 s. */
  readonly timeoutMs?: number;
  /** How long an id stays unknown before it is asked for again; default 30 s. */
  readonly unknownForMs?: number;
}

const MAGIC = 0;
const HEADER = 5;
const COMPATIBILITY_LEVEL = COMPATIBILITY.FULL_TRANSITIVE;
/** Remembered unknown ids; garbage bytes give any number of them. */
const MAX_UNKNOWN = 1000;
const UNKNOWN_SCHEMA = 40403;

/** A writer's schema, or why it can't be used. Ids are immutable in a registry, so both hold for good. */
type Writer = avsc.Type | Error;

/**
 * A schema registry, and the serdes over it. Subjects are `<topic>-value` (TopicNameStrategy).
 *
 * @example
 * const registry = new SchemaRegistry({ url: 'http://127.0.0.1:8081' });
 * await registry.register(topics.alertRaised); // once, before the first encode
 * const serde = registry.serde(topics.alertRaised);
 * await serde.load(bytes); // usually nothing
 * serde.decode(bytes);
 */
export class SchemaRegistry {
  readonly #url: string;
  readonly #authorization: string | undefined;
  readonly #client: Client;
  readonly #now: () => number;
  readonly #timeoutMs: number;
  readonly #unknownForMs: number;
  /** Topic name → id of our own schema. */
  readonly #ids = new Map<string, number>();
  readonly #writers = new Map<number, Writer>();
  /** Id → until when it counts as unknown; the oldest first. */
  readonly #unknown = new Map<number, number>();
  readonly #loading = new Map<number, Promise<void>>();

  constructor(options: RegistryOptions) {
    const url = new URL(options.url);
    const [username, password] = [url.username, url.password].map(decodeURIComponent);
    url.username = url.password = '';
    this.#url = url.href.replace(/\/+$/, '');
    this.#now = options.now ?? Date.now;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#unknownForMs = options.unknownForMs ?? 30_000;
    const auth = username ? { username, password: password ?? '' } : undefined;
    this.#authorization =
      auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
    const timeout = this.#timeoutMs;
    this.#client = new Client({
      host: this.#url,
      ...(auth && { auth }),
      // Few: whoever loads or registers tries again by itself, and knows when to stop.
      retry: { retries: 1, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 0.5 },
      middlewares: [
        () => ({ prepareRequest: async (next) => (await next()).enhance({ timeout }) }),
      ],
    });
  }

  /**
   * Registers the topic's schema and returns its id. Safe to repeat, and from several processes at once: the subject's
   * compatibility is set first, since the client refuses a subject that has another one, and sets it only afterwards.
   *
   * @throws when the registry refuses the schema or can't be reached
   */
  async register<V>(topic: AvroTopic<V>): Promise<number> {
    const subject = subjectOf(topic);
    await this.#ensureCompatibility(subject);
    const { id } = await this.#client
      .register(
        { type: SchemaType.AVRO, schema: JSON.stringify(topic.schema) },
        { subject, compatibility: COMPATIBILITY_LEVEL },
      )
      .catch((error: unknown) => {
        throw new Error(this.#explain(`could not register ${subject}`, error), { cause: error });
      });
    this.#ids.set(topic.name, id);
    this.#writers.set(id, avroType(topic.schema));
    return id;
  }

  /**
   * Bytes of this topic's records and back. Decoding resolves every writer's schema into the topic's own;
   * encoding needs `register(topic)` once.
   */
  serde<V>(topic: AvroTopic<V>): RegistrySerde<V> {
    const reader = avroType(topic.schema);
    const resolutions = new Map<number, Resolution>();
    // Nearly every record was written with the same schema as the one before it.
    let lastId = -1;
    let last: Resolution = SAME;

    const resolve = (id: number): Resolution => {
      if (id === lastId) return last;
      let resolution = resolutions.get(id);
      if (resolution === undefined) {
        resolution = resolveWriter(reader, this.#writer(id, topic.name), id, topic.name);
        resolutions.set(id, resolution);
      }
      lastId = id;
      last = resolution;
      return resolution;
    };

    return {
      encode: (value) => {
        const id = this.#ids.get(topic.name);
        if (id === undefined) {
          throw new Error(
            `topic ${topic.name}: register its schema (registry.register) before writing to it`,
          );
        }
        const bytes = encodeAfter(reader, value, HEADER);
        bytes[0] = MAGIC;
        bytes.writeUInt32BE(id, 1);
        return bytes;
      },
      decode: (bytes) => {
        const id = idOf(bytes);
        if (id === undefined) throw new Error(notWireFormat(topic.name, bytes));
        const resolution = resolve(id);
        if (resolution instanceof Error) throw resolution;
        return decodeFrom(reader, bytes, HEADER, resolution.resolver) as V;
      },
      load: (bytes) => {
        const id = idOf(bytes);
        return id === undefined || id === lastId ? undefined : this.#load(id);
      },
    };
  }

  /** @throws when the id was not loaded or is unknown */
  #writer(id: number, topic: string): Writer {
    const writer = this.#writers.get(id);
    if (writer !== undefined) return writer;
    const where = `topic ${topic}: the record names schema ${String(id)}`;
    throw new Error(
      this.#unknown.has(id)
        ? `${where}, which the registry does not know; was it written with another registry?`
        : `${where}, which is not loaded yet: call load() before decode()`,
    );
  }

  #load(id: number): Promise<void> | undefined {
    if (this.#writers.has(id)) return undefined;
    const unknownUntil = this.#unknown.get(id);
    if (unknownUntil !== undefined && this.#now() < unknownUntil) return undefined;
    let loading = this.#loading.get(id);
    if (loading === undefined) {
      loading = this.#fetchWriter(id).finally(() => this.#loading.delete(id));
      this.#loading.set(id, loading);
    }
    return loading;
  }

  async #fetchWriter(id: number): Promise<void> {
    try {
      const schema: unknown = await this.#client.getSchema(id);
      this.#writers.set(
        id,
        avsc.Type.isType(schema)
          ? (schema as avsc.Type)
          : new Error(`schema ${String(id)} is no Avro schema`),
      );
      this.#unknown.delete(id);
    } catch (error) {
      if (!isResponseError(error)) {
        this.#writers.set(id, new Error(`schema ${String(id)} is unusable: ${textOf(error)}`));
      } else if (error.status === 404 && (await this.#isUnknown(id))) {
        this.#rememberUnknown(id);
      } else {
        const what = this.#explain(`could not load schema ${String(id)}`, error);
        throw new Error(what, { cause: error });
      }
    }
  }

  /** The client drops the code that tells "no such schema" from a 404 of whatever else answers at this address. */
  async #isUnknown(id: number): Promise<boolean> {
    const { body } = await this.#request('GET', `/schemas/ids/${String(id)}`);
    return body.error_code === UNKNOWN_SCHEMA;
  }

  #rememberUnknown(id: number): void {
    this.#unknown.delete(id); // so that it becomes the youngest
    this.#unknown.set(id, this.#now() + this.#unknownForMs);
    if (this.#unknown.size > MAX_UNKNOWN) {
      const oldest = this.#unknown.keys().next();
      if (!oldest.done) this.#unknown.delete(oldest.value);
    }
  }

  async #ensureCompatibility(subject: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const current = await this.#request('GET', path);
    if (current.body.compatibilityLevel === COMPATIBILITY_LEVEL) return;
    const changed = await this.#request('PUT', path, { compatibility: COMPATIBILITY_LEVEL });
    if (changed.status === 200) return;
    // Apicurio answers 409 when another process sets it at the same moment.
    const after = await this.#request('GET', path);
    if (after.body.compatibilityLevel !== COMPATIBILITY_LEVEL) {
      throw new Error(
        `could not set the compatibility of ${subject} to ${COMPATIBILITY_LEVEL}: ` +
          `${this.#url} answered ${String(changed.status)} ${JSON.stringify(changed.body)}`,
      );
    }
  }

  async #request(
    method: string,
    path: string,
    json?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const type = 'application/vnd.schemaregistry.v1+json';
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          accept: `${type}, application/json`,
          ...(json !== undefined && { 'content-type': type }),
          ...(this.#authorization !== undefined && { authorization: this.#authorization }),
        },
        ...(json !== undefined && { body: JSON.stringify(json) }),
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      return { status: response.status, body: parseObject(await response.text()) };
    } catch (error) {
      throw new Error(this.#explain(`${method} ${path} failed`, error), { cause: error });
    }
  }

  #explain(what: string, error: unknown): string {
    return `${what}: ${textOf(error)} (schema registry at ${this.#url})`;
  }
}

/** How to read what a writer wrote; without a resolver when its schema is the reader's. An error: not at all, ever. */
type Resolution = { readonly resolver: avsc.Resolver | undefined } | Error;

const SAME: Resolution = { resolver: undefined };

function resolveWriter(reader: avsc.Type, writer: Writer, id: number, topic: string): Resolution {
  if (writer instanceof Error) return new Error(`topic ${topic}: ${writer.message}`);
  if (reader.equals(writer)) return SAME;
  try {
    return { resolver: reader.createResolver(writer) };
  } catch (error) {
    return new Error(
      `topic ${topic}: written with schema ${String(id)} (${String(writer.name)}), ` +
        `which can't be read as ${String(reader.name)}: ${textOf(error)}`,
      { cause: error },
    );
  }
}

/** TopicNameStrategy. */
export function subjectOf(topic: { readonly name: string }): string {
  return `${topic.name}-value`;
}

function idOf(bytes: Buffer): number | undefined {
  return bytes.length >= HEADER && bytes[0] === MAGIC ? bytes.readUInt32BE(1) : undefined;
}

function notWireFormat(topic: string, bytes: Buffer): string {
  return (
    `topic ${topic}: ${String(bytes.length)} bytes that do not start with 0x00 and a schema id ` +
    `(they start with ${bytes.toString('hex', 0, HEADER) || 'nothing'}); were they written without the registry?`
  );
}

interface ResponseError extends Error {
  readonly status: number;
}

function isResponseError(error: unknown): error is ResponseError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // not a registry's answer; the status says enough
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isResponseError(error)) {
    // The client's answers begin with its name; a connection that failed is a "status 400" to it.
    return error.message
      .replace(/^Confluent_Schema_Registry - /, '')
      .replace(/^(Error, status \d+): \[object Object\]$/, '$1')
      .replace(/^Error, status 400: (?=\S)/, '');
  }
  // fetch's own message is "fetch failed"; why is in the cause.
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
