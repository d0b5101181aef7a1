import { readFileSync } from 'node:fs';

/** The part of an Avro schema (as JSON) that the contracts use. */
export type Schema =
  | Primitive
  | { readonly type: Primitive; readonly logicalType?: string }
  | { readonly type: 'array'; readonly items: Schema }
  | EnumSchema
  | RecordSchema
  | readonly Schema[];

export type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'double' | 'string';

export interface EnumSchema {
  readonly type: 'enum';
  readonly name: string;
  readonly doc?: string;
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface RecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly FieldSchema[];
}

export interface FieldSchema {
  readonly name: string;
  readonly type: Schema;
  readonly doc?: string;
  readonly default?: unknown;
}

/** A schema with its spelling variants folded: `{"type": "string"}` is `string`, a union is a list of members. */
export type Shape =
  | { readonly kind: Primitive; readonly logicalType?: string }
  | { readonly kind: 'array'; readonly items: Schema }
  | { readonly kind: 'enum'; readonly schema: EnumSchema }
  | { readonly kind: 'record'; readonly schema: RecordSchema }
  | { readonly kind: 'union'; readonly members: readonly Schema[] };

const PRIMITIVES: ReadonlySet<string> = new Set<Primitive>([
  'null',
  'boolean',
  'int',
  'long',
  'double',
  'string',
]);

/**
 * What kind of schema this is, for those who walk one (generator, JSON, compatibility).
 *
 * @throws when it is of a kind that no contract uses yet (map, bytes, fixed, a reference by name)
 */
export function shapeOf(schema: Schema): Shape {
  if (isUnion(schema)) return { kind: 'union', members: schema };
  if (typeof schema === 'string') return { kind: primitive(schema) };
  switch (schema.type) {
    case 'record':
      return { kind: 'record', schema };
    case 'enum':
      return { kind: 'enum', schema };
    case 'array':
      return { kind: 'array', items: schema.items };
    case 'null':
    case 'boolean':
    case 'int':
    case 'long':
    case 'double':
    case 'string':
      return { kind: schema.type, ...pickLogical(schema.logicalType) };
  }
  throw new Error(`schema type ${JSON.stringify(schema)} is not supported here`);
}

/** Whether it is a time: epoch milliseconds on the wire, ISO-8601 in JSON. */
export function isTime(shape: Shape): boolean {
  return shape.kind === 'long' && shape.logicalType === 'timestamp-millis';
}

/** Reads a contract of this folder, e.g. `loadContract('alert-raised')`. */
export function loadContract(name: string): RecordSchema {
  return parseContract(readFileSync(new URL(`./${name}.avsc`, import.meta.url), 'utf8'));
}

/** @throws when the text is not the JSON of a record schema */
export function parseContract(text: string): RecordSchema {
  const schema = JSON.parse(text) as Partial<RecordSchema>;
  if (schema.type !== 'record' || schema.name === undefined || !Array.isArray(schema.fields)) {
    throw new Error('a contract is an Avro record with a name and fields');
  }
  return schema as RecordSchema;
}

function isUnion(schema: Schema): schema is readonly Schema[] {
  return Array.isArray(schema);
}

function primitive(name: string): Primitive {
  if (!PRIMITIVES.has(name)) throw new Error(`schema type "${name}" is not supported here`);
  return name as Primitive;
}

function pickLogical(logicalType: string | undefined): { logicalType?: string } {
  return logicalType === undefined ? {} : { logicalType };
}
