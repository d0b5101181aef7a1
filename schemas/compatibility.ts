import { avroType } from './avro.ts';
import { shapeOf, type RecordSchema, type Schema } from './contract.ts';

/**
 * What breaks FULL compatibility between two versions of a contract, in words; empty when nothing does. Beyond what a
 * registry checks, a symbol once published stays (its readers would see the default, without an error), and a
 * logical type does not change (milliseconds read as microseconds are no error either).
 *
 * @example
 * breaks(released, current); // ['the released version can\'t be read with the new one: …']
 */
export function breaks(released: RecordSchema, current: RecordSchema): string[] {
  return [
    ...unreadable(released, current, "the released version can't be read with the new one"),
    ...unreadable(current, released, "the new version can't be read with the released one"),
    ...lostMeaning(released, current, released.name),
  ];
}

function unreadable(writer: RecordSchema, reader: RecordSchema, what: string): string[] {
  try {
    avroType(reader).createResolver(avroType(writer));
    return [];
  } catch (error) {
    return [`${what}: ${(error as Error).message}`];
  }
}

function lostMeaning(before: Schema, after: Schema, path: string): string[] {
  const [old, now] = [shapeOf(before), shapeOf(after)];
  if (old.kind === 'union' || now.kind === 'union') {
    const pairs = withoutNull(before).map((member, i) => [member, withoutNull(after)[i]] as const);
    return pairs.flatMap(([a, b]) => (b === undefined ? [] : lostMeaning(a, b, path)));
  }
  if (old.kind === 'record' && now.kind === 'record') {
    return old.schema.fields.flatMap((field) => {
      const same = now.schema.fields.find((each) => each.name === field.name);
      return same ? lostMeaning(field.type, same.type, `${path}.${field.name}`) : [];
    });
  }
  if (old.kind === 'enum' && now.kind === 'enum') {
    return old.schema.symbols
      .filter((symbol) => !now.schema.symbols.includes(symbol))
      .map((symbol) => `${path}: the symbol ${symbol} was removed`);
  }
  if (old.kind === 'array' && now.kind === 'array') {
    return lostMeaning(old.items, now.items, `${path}[]`);
  }
  const [was, is] = [logicalType(before), logicalType(after)];
  return was === is ? [] : [`${path}: the logical type changed from ${was} to ${is}`];
}

function withoutNull(schema: Schema): readonly Schema[] {
  const shape = shapeOf(schema);
  return shape.kind === 'union'
    ? shape.members.filter((member) => shapeOf(member).kind !== 'null')
    : [schema];
}

function logicalType(schema: Schema): string {
  const shape = shapeOf(schema);
  return 'logicalType' in shape ? shape.logicalType : 'none';
}
