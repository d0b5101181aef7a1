import fc from 'fast-check';
import { isTime, shapeOf, type RecordSchema, type Schema } from '../contract.ts';
import { MAX_TIME } from '../topics.ts';

/** Any value that the schema allows (times between 1970 and 2100). */
export function valueOf<V>(schema: RecordSchema): fc.Arbitrary<V> {
  return anyOf(schema) as fc.Arbitrary<V>;
}

function anyOf(schema: Schema): fc.Arbitrary<unknown> {
  const shape = shapeOf(schema);
  switch (shape.kind) {
    case 'record':
      return fc.record(
        Object.fromEntries(shape.schema.fields.map((field) => [field.name, anyOf(field.type)])),
        { noNullPrototype: true },
      );
    case 'union':
      return fc.oneof(...shape.members.map(anyOf));
    case 'array':
      return fc.array(anyOf(shape.items));
    case 'enum':
      return fc.constantFrom(...shape.schema.symbols);
    case 'long':
      return isTime(shape) ? fc.integer({ min: 0, max: MAX_TIME }) : fc.maxSafeInteger();
    case 'int':
      return fc.integer();
    case 'double':
      return fc.double({ noNaN: true });
    case 'string':
      return fc.string({ unit: 'grapheme' });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
  }
}
