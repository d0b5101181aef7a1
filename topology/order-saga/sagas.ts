import { readFileSync } from 'node:fs';
import { parseSaga, type SagaDefinition } from './definition.ts';
import type { SagaRun } from './interpreter.ts';
import { SERVICES } from './services.ts';

/** The sagas of an order, by name; read and checked at start. */
export const sagas: Readonly<Record<SagaName, SagaDefinition>> = {
  'order-create': load('order_create_saga.json'),
  'order-refund': load('order_refund_saga.json'),
  'order-roll-back': load('order_roll_back_saga.json'),
  'order-accept': load('order_accept_saga.json'),
};

export type SagaName = 'order-create' | 'order-refund' | 'order-roll-back' | 'order-accept';

/** The saga that an order runs. @throws when there is none of that name: the store was written by another version */
export function sagaOf({ saga }: Pick<SagaRun, 'saga'>): SagaDefinition {
  const found = (sagas as Readonly<Record<string, SagaDefinition | undefined>>)[saga];
  if (!found) throw new Error(`there is no saga '${saga}'`);
  return found;
}

function load(file: string): SagaDefinition {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return parseSaga(JSON.parse(text), SERVICES);
}
