import { murmur2 } from './kafkajs-internals.ts';

/**
 * The partition of a key, as Java's default partitioner has it. Records without a key (dead letters that came without one)
 * all go to partition 0.
 */
export function partitionFor(key: Buffer | null, partitions: number): number {
  if (key === null) return 0;
  return (murmur2(key) & 0x7fffffff) % partitions;
}
