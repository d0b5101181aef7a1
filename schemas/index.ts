export { avroSerde, type AvroSerde } from './avro.ts';
export { loadContract, type RecordSchema } from './contract.ts';
export { BadValue, checkTime, fromJson, parseTime, toJson } from './json.ts';
export { resultOf, type PaymentResult } from './payment-status.ts';
export { SchemaRegistry, subjectOf, type RegistryOptions, type RegistrySerde } from './registry.ts';
export { renamed, topics, type AvroTopic } from './topics.ts';
export { MAX_LINES, MAX_QUANTITY, MAX_TIME } from './validate.ts';
export type * from './generated/types.ts';
