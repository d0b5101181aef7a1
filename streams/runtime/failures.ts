import { TaskCorrupted, TaskMigrated } from '../errors.ts';
import { KafkaError } from './kafka/kafka.ts';

/** Whether starting the task, or the assignment, again may mend it. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TaskMigrated || error instanceof TaskCorrupted) return true;
  return error instanceof KafkaError && error.isRetriable;
}
