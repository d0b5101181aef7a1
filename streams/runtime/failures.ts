import { TaskCorrupted, TaskMigrated } from '../errors.ts';
import { KafkaError } from './kafka/kafka.ts';

/** Whether starting the task, or the assignment, again may mend it. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TaskMigrated || error instanceof TaskCorrupted) return true;
  // A changelog's start has moved on while it was read: the next attempt sees that, and makes the state anew.
  return error instanceof KafkaError && (error.isRetriable || error.type === 'OFFSET_OUT_OF_RANGE');
}
