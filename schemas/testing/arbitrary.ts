import fc from 'fast-check';
import { isTime, shapeOf, type RecordSchema, type Schema } from '../contract.ts';
import type { OrderCommand } from '../generated/types.ts';
import { MAX_QUANTITY, MAX_TIME } from '../validate.ts';

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
      if (isTime(shape)) return fc.integer({ min: 0, max: MAX_TIME });
      // avsc's longs are exact up to here.
      return fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
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

const lines = fc.uniqueArray(
  fc.record({
    sku: fc.string({ minLength: 1 }),
    quantity: fc.integer({ min: 1, max: MAX_QUANTITY }),
    unitPrice: fc.integer({ min: 1, max: 10_000_000 }),
  }),
  { minLength: 1, maxLength: 5, selector: ({ sku }) => sku },
);

/** Orders that can be meant: of random values hardly any is one. */
export const orderCommands: fc.Arbitrary<OrderCommand> = fc
  .record({
    commandId: fc.string({ minLength: 1 }),
    orderNo: fc.string({ minLength: 1 }),
    type: fc.constant('CREATE' as const),
    accountId: fc.string({ minLength: 1 }),
    lines,
    requestedAt: fc.integer({ min: 0, max: MAX_TIME }),
  })
  .map((order) => ({
    ...order,
    totalAmount: order.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0),
  }));
