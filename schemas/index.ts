export { avroSerde, type AvroSerde } from './avro.ts';
export { loadContract, type RecordSchema } from './contract.ts';
export { BadValue, checkTime, fromJson, parseTime, toJson } from './json.ts';
export { SchemaRegistry, subjectOf, type RegistryOptions, type RegistrySerde } from './registry.ts';
export { MAX_TIME, renamed, topics, type AvroTopic } from './topics.ts';
export type * from './generated/types.ts';
