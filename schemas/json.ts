import { isTime, shapeOf, type FieldSchema, type RecordSchema, type Schema } from './contract.ts';
import type { AvroTopic } from './topics.ts';
import { MAX_TIME } from './validate.ts';

/** A value in JSON that is not what the contract says. The message names the field. */
export class BadValue extends Error {
  /** Path of the field, e.g. `observed.orderStatus`; empty for the value itself. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(field === '' ? problem : `${field}: ${problem}`);
    this.name = 'BadValue';
    this.field = field;
  }
}

/**
 * A value of the topic from parsed JSON with the field names of its contract. Times are ISO-8601 strings with a zone, or
 * epoch milliseconds; fields with a default may be missing; a word that an enum does not have becomes the enum's default;
 * fields that the contract does not have are ignored.
 *
 * @example
 * fromJson(topics.paymentStatusObserved, JSON.parse(line).value);
 * @throws {BadValue} naming the field that is missing, of another type, no time, or refused by the topic's `validate`
 */
export function fromJson<V>(topic: AvroTopic<V>, json: unknown): V {
  const value = recordFrom(topic.schema, json, '') as V;
  const problem = topic.validate(value);
  if (problem !== undefined) throw new BadValue('', problem);
  return value;
}

/** The value as JSON: fields in the contract's order, times as ISO-8601 in milliseconds (`2024-02-01T12:34:56.000Z`). */
export function toJson<V>(topic: AvroTopic<V>, value: V): Record<string, unknown> {
  return toJsonOf(topic.schema, value) as Record<string, unknown>;
}

/**
 * Epoch milliseconds of an ISO-8601 instant with a zone, such as `2024-02-01T12:34:56.789Z` or `…+09:00`.
 *
 * @throws when it is none, or not between 1970 and 2100
 */
export function parseTime(text: string): number {
  const match = ISO_INSTANT.exec(text);
  const [, year, month, day] = match?.map(Number) ?? [];
  const time = match === null ? NaN : Date.parse(text);
  // Date.parse takes 30 February for 1 March.
  if (Number.isNaN(time) || day! > new Date(Date.UTC(year!, month, 0)).getUTCDate()) {
    throw new Error(`"${text}" is no ISO-8601 time with a zone, such as 2024-02-01T12:34:56.000Z`);
  }
  return checkTime(time);
}

const ISO_INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** @throws when it is no whole number of milliseconds between 1970 and 2100 */
export function checkTime(time: number): number {
  if (!Number.isInteger(time) || time < 0 || time > MAX_TIME) {
    throw new Error(`${String(time)} is no time between 1970 and 2100 in epoch milliseconds`);
  }
  return time;
}

function recordFrom(schema: RecordSchema, json: unknown, path: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new BadValue(path, `must be an object, got ${show(json)}`);
  }
  const value: Record<string, unknown> = {};
  for (const field of schema.fields) {
    const given: unknown = Object.hasOwn(json, field.name)
      ? (json as Record<string, unknown>)[field.name]
      : undefined;
    value[field.name] = fieldFrom(field, given, path === '' ? field.name : `${path}.${field.name}`);
  }
  return value;
}

function fieldFrom(field: FieldSchema, given: unknown, path: string): unknown {
  // Writers of JSON say "nothing" in two ways.
  if (given === undefined || given === null) {
    if (field.default !== undefined) return field.default;
    throw new BadValue(path, 'is missing');
  }
  return valueFrom(field.type, given, path);
}

function valueFrom(schema: Schema, json: unknown, path: string): unknown {
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'record':
      return recordFrom(shape.schema, json, path);
    case 'union':
      return memberFrom(shape.members, json, path);
    case 'array':
      if (!Array.isArray(json)) throw new BadValue(path, `must be a list, got ${show(json)}`);
      return json.map((item, i) => valueFrom(shape.items, item, `${path}[${String(i)}]`));
    case 'enum': {
      if (typeof json !== 'string') throw new BadValue(path, `must be a word, got ${show(json)}`);
      if (shape.schema.symbols.includes(json)) return json;
      if (shape.schema.default !== undefined) return shape.schema.default;
      throw new BadValue(
        path,
        `must be one of ${shape.schema.symbols.join(', ')}, got ${show(json)}`,
      );
    }
    case 'long':
      if (isTime(shape)) return timeFrom(json, path);
      return numberFrom(json, path, Number.isSafeInteger, 'a whole number');
    case 'int':
      return numberFrom(json, path, (n) => n === (n | 0), 'a whole number of 32 bits');
    case 'double':
      return numberFrom(json, path, Number.isFinite, 'a number');
    case 'string':
      if (typeof json !== 'string') throw new BadValue(path, `must be a string, got ${show(json)}`);
      return json;
    case 'boolean':
      if (typeof json !== 'boolean') {
        throw new BadValue(path, `must be true or false, got ${show(json)}`);
      }
      return json;
    case 'null':
      if (json !== null) throw new BadValue(path, `must be null, got ${show(json)}`);
      return json;
  }
}

function memberFrom(members: readonly Schema[], json: unknown, path: string): unknown {
  const nullable = members.some((member) => shapeOf(member).kind === 'null');
  if (json === null && nullable) return null;
  const [member, ...others] = members.filter((each) => shapeOf(each).kind !== 'null');
  if (member === undefined || others.length > 0) {
    throw new Error(`${path}: only unions of null and one type are supported`);
  }
  return valueFrom(member, json, path);
}

function timeFrom(json: unknown, path: string): number {
  try {
    if (typeof json === 'number') return checkTime(json);
    if (typeof json === 'string') return parseTime(json);
  } catch (error) {
    throw new BadValue(path, (error as Error).message);
  }
  throw new BadValue(path, `must be an ISO-8601 time or epoch milliseconds, got ${show(json)}`);
}

function numberFrom(
  json: unknown,
  path: string,
  fits: (number: number) => boolean,
  what: string,
): number {
  if (typeof json !== 'number' || !fits(json)) {
    throw new BadValue(path, `must be ${what}, got ${show(json)}`);
  }
  return json;
}

function toJsonOf(schema: Schema, value: unknown): unknown {
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'record': {
      const from = value as Record<string, unknown>;
      return Object.fromEntries(
        shape.schema.fields.map((field) => [field.name, toJsonOf(field.type, from[field.name])]),
      );
    }
    case 'union': {
      const member = shape.members.find((each) => shapeOf(each).kind !== 'null');
      return value === null || member === undefined ? null : toJsonOf(member, value);
    }
    case 'array':
      return (value as readonly unknown[]).map((item) => toJsonOf(shape.items, item));
    case 'long':
      return isTime(shape) ? new Date(value as number).toISOString() : value;
    case 'enum':
    case 'int':
    case 'double':
    case 'string':
    case 'boolean':
    case 'null':
      return value;
  }
}

/** What was given, short enough for a message. */
function show(json: unknown): string {
  const text = JSON.stringify(json);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
