/**
 * Writes `generated/types.ts`, the TypeScript types of the contracts: `node schemas/generate.ts`.
 * `generate.test.ts` fails while the file is not what this writes.
 */
import { writeFileSync } from 'node:fs';
import { loadContract, shapeOf, type RecordSchema, type Schema } from './contract.ts';

/** The contracts of this folder, by file name. */
export const CONTRACTS = [
  'order-status-changed',
  'payment-status-observed',
  'alert-raised',
  'alert-resolved',
  'alert-action',
  'alert-action-outcome',
  'order-command',
  'order-created',
  'storage-command',
  'storage-event',
  'payment-command',
  'payment-event',
  'payment-confirmation',
  'account-event',
  'product-event',
] as const;

export const GENERATED = new URL('./generated/types.ts', import.meta.url);

/**
 * The types of all given contracts as one TypeScript source. Enums become string unions, `["null", T]` becomes
 * `T | null`, a timestamp-millis is a number.
 *
 * @throws when two contracts define different types of the same name
 */
export function generateTypes(contracts: readonly RecordSchema[]): string {
  const types = new Map<string, string>();
  for (const contract of contracts) declare(contract, types);
  const header =
    '// Written by schemas/generate.ts from schemas/*.avsc: change those, then run it.\n';
  return [header, ...types.values()].join('\n');
}

function declare(schema: RecordSchema, types: Map<string, string>): void {
  const fields = schema.fields.map((field) => {
    const time = isTimeLike(field.type) ? 'Epoch milliseconds.' : undefined;
    const doc = comment([field.doc, time], '  ');
    return `${doc}  readonly ${field.name}: ${typeName(field.type, types)};\n`;
  });
  const doc = comment([schema.doc], '');
  define(types, schema.name, `${doc}export interface ${schema.name} {\n${fields.join('')}}\n`);
}

function typeName(schema: Schema, types: Map<string, string>): string {
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'union':
      return [...shape.members]
        .map((member) => typeName(member, types))
        .sort((a, b) => Number(a === 'null') - Number(b === 'null'))
        .join(' | ');
    case 'record':
      declare(shape.schema, types);
      return shape.schema.name;
    case 'enum': {
      const { name, symbols, doc } = shape.schema;
      const union = symbols.map((symbol) => `'${symbol}'`).join(' | ');
      define(types, name, `${comment([doc], '')}export type ${name} = ${union};\n`);
      return name;
    }
    case 'array':
      return `readonly (${typeName(shape.items, types)})[]`;
    case 'int':
    case 'long':
    case 'double':
      return 'number';
    case 'boolean':
    case 'string':
    case 'null':
      return shape.kind;
  }
}

function define(types: Map<string, string>, name: string, source: string): void {
  const before = types.get(name);
  if (before !== undefined && before !== source) {
    throw new Error(`two contracts define ${name} differently:\n${before}\n${source}`);
  }
  types.set(name, source);
}

function isTimeLike(schema: Schema): boolean {
  return JSON.stringify(schema).includes('"timestamp-millis"');
}

function comment(sentences: readonly (string | undefined)[], indent: string): string {
  const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return text === '' ? '' : `${indent}/** ${text} */\n`;
}

if (import.meta.main) {
  writeFileSync(GENERATED, generateTypes(CONTRACTS.map(loadContract)));
}
