/**
 * The states of an application, and the legal moves, as in Kafka Streams:
 *
 *     CREATED ──> REBALANCING <──> RUNNING
 *        │             │              │
 *        │             ├──────────────┴──> PENDING_ERROR ──> ERROR
 *        └─────────────┴──────────────┴──> PENDING_SHUTDOWN ──> NOT_RUNNING
 *
 * An application in `ERROR` may still be closed.
 */
export const STATE_MOVES = {
  CREATED: ['REBALANCING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  REBALANCING: ['RUNNING', 'REBALANCING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  RUNNING: ['REBALANCING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  PENDING_SHUTDOWN: ['NOT_RUNNING', 'PENDING_ERROR'],
  PENDING_ERROR: ['ERROR'],
  ERROR: ['PENDING_SHUTDOWN'],
  NOT_RUNNING: [],
} as const satisfies Record<string, readonly string[]>;

export type StreamsState = keyof typeof STATE_MOVES;

export function mayMove(from: StreamsState, to: StreamsState): boolean {
  return (STATE_MOVES[from] as readonly string[]).includes(to);
}
