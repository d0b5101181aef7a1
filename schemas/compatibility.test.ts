import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avroType } from './avro.ts';
import { breaks } from './compatibility.ts';
import { loadContract, parseContract, type FieldSchema, type RecordSchema } from './contract.ts';
import { CONTRACTS } from './generate.ts';
import { valueOf } from './testing/arbitrary.ts';

const folder = new URL('./released/', import.meta.url);
const released = readdirSync(folder)
  .filter((file) => file.endsWith('.avsc'))
  .map((file) => ({
    file,
    name: file.replace(/\.v\d+\.avsc$/, ''),
    schema: parseContract(readFileSync(new URL(file, folder), 'utf8')),
  }));

test('every contract has a released version to be held against', () => {
  expect(new Set(released.map(({ name }) => name))).toEqual(new Set(CONTRACTS));
});

// FULL_TRANSITIVE: against every version that was ever released, not only the last one.
describe.each(released)('$file', ({ name, schema }) => {
  const current = loadContract(name);

  test('and the current contract can read each other', () => {
    expect(breaks(schema, current)).toEqual([]);
  });

  test.each([
    ['the current one reads what was written with it', schema, current],
    ['it reads what the current one writes', current, schema],
  ])('%s', (_, writer, reader) => {
    const shared = reader.fields
      .map((field) => field.name)
      .filter((field) => writer.fields.some((each) => each.name === field));
    const [from, to] = [avroType(writer), avroType(reader)];
    const resolver = to.createResolver(from);
    fc.assert(
      fc.property(valueOf<Record<string, unknown>>(writer), (value) => {
        const read = to.fromBuffer(from.toBuffer(value), resolver) as Record<string, unknown>;
        for (const field of shared) {
          // A word that the reader does not have yet is its default, and that is what compatible means.
          if (read[field] !== 'UNKNOWN') expect(read[field]).toEqual(value[field]);
        }
      }),
    );
  });
});

describe('the check itself', () => {
  const before = loadContract('order-status-changed');

  test('allows what FULL compatibility allows', () => {
    const after = change(before, (fields) => [
      ...fields.filter((field) => field.name !== 'reason'),
      { name: 'note', type: ['null', 'string'], default: null },
    ]);
    expect(breaks(before, after)).toEqual([]);
    expect(
      breaks(
        before,
        withSymbols(before, (symbols) => [...symbols, 'SHIPPED']),
      ),
    ).toEqual([]);
  });

  test('catches a removed field that has no default', () => {
    const after = change(before, (fields) => fields.filter((field) => field.name !== 'updatedAt'));
    expect(breaks(before, after)).toEqual([expect.stringMatching(/new version.*updatedAt/s)]);
  });

  test('catches a new field that has no default', () => {
    const after = change(before, (fields) => [...fields, { name: 'shop', type: 'string' }]);
    expect(breaks(before, after)).toEqual([expect.stringMatching(/released version.*shop/s)]);
  });

  test('catches a changed type, also one that Avro widens in one direction', () => {
    const asText = retype(before, 'updatedAt', 'string');
    expect(breaks(before, asText)).not.toEqual([]);
    const widened = retype(before, 'updatedAt', 'double');
    expect(breaks(before, widened)).toContainEqual(expect.stringMatching(/new version/));
    const notNull = retype(before, 'reason', 'string');
    expect(breaks(before, notNull)).not.toEqual([]);
  });

  test('catches a changed unit of time', () => {
    const micros = retype(before, 'updatedAt', { type: 'long', logicalType: 'timestamp-micros' });
    expect(breaks(before, micros)).toEqual([expect.stringMatching(/logical type changed/)]);
  });

  test('catches a removed symbol, and one that was renamed', () => {
    const fewer = withSymbols(before, (symbols) => symbols.filter((symbol) => symbol !== 'FAILED'));
    expect(breaks(before, fewer)).toEqual([
      'OrderStatusChanged.status: the symbol FAILED was removed',
    ]);
    const other = withSymbols(before, (symbols) =>
      symbols.map((symbol) => (symbol === 'FAILED' ? 'REFUSED' : symbol)),
    );
    expect(breaks(before, other)).toContainEqual(expect.stringMatching(/FAILED was removed/));
  });

  test('catches a new symbol where the enum has no default', () => {
    const strict = withSymbols(before, (symbols) => symbols, false);
    const more = withSymbols(before, (symbols) => [...symbols, 'SHIPPED'], false);
    expect(breaks(strict, more)).toContainEqual(expect.stringMatching(/new version/));
  });

  test('catches a renamed record', () => {
    expect(breaks(before, { ...before, name: 'OrderChanged' })).not.toEqual([]);
  });
});

function change(
  schema: RecordSchema,
  to: (fields: readonly FieldSchema[]) => readonly FieldSchema[],
): RecordSchema {
  return { ...schema, fields: to(schema.fields) };
}

function retype(schema: RecordSchema, name: string, type: FieldSchema['type']): RecordSchema {
  return change(schema, (fields) =>
    fields.map((field) => (field.name === name ? { name, type } : field)),
  );
}

function withSymbols(
  schema: RecordSchema,
  to: (symbols: readonly string[]) => readonly string[],
  withDefault = true,
): RecordSchema {
  return change(schema, (fields) =>
    fields.map((field) => {
      const type = field.type;
      if (typeof type !== 'object' || !('type' in type) || type.type !== 'enum') return field;
      const { default: otherwise, ...rest } = type;
      const symbols = to(type.symbols);
      return {
        ...field,
        type:
          withDefault && otherwise
            ? { ...rest, symbols, default: otherwise }
            : { ...rest, symbols },
      };
    }),
  );
}
