import type { SimProcess } from './sim-process.ts';

/** The requests of the port, as faults know them. */
export type Api =
  | 'metadata'
  | 'createTopics'
  | 'describeConfigs'
  | 'findCoordinator'
  | 'listOffsets'
  | 'offsetFetch'
  | 'fetch'
  | 'initProducerId'
  | 'addPartitionsToTxn'
  | 'produce'
  | 'addOffsetsToTxn'
  | 'txnOffsetCommit'
  | 'endTxn'
  | 'offsetCommit'
  | 'joinGroup'
  | 'syncGroup'
  | 'heartbeat'
  | 'leaveGroup';

/** What becomes of one request. */
export interface Fate {
  readonly sendMs: number;
  readonly answerMs: number;
  /**
   * `request`: it never arrives. `answer`: it is executed, and the client does not hear of it. `late`: it is executed
   * after the client has given it up.
   */
  readonly loss: 'none' | 'request' | 'answer' | 'late';
  /** When the client gives up; a broken connection is noticed at once, silence is not. */
  readonly lossMs: number;
  readonly lateMs: number;
}

/** What a disk says that has failed. */
export const DISK_FAILED = 'the disk has failed';

/** Where in the life of a process something may go wrong. */
export type FaultPoint =
  | { readonly at: 'sent' | 'executed'; readonly api: Api }
  | { readonly at: 'open' | 'load' | 'write' | 'written' | 'clear' };

/** What the seed does to a run. */
export interface Faults {
  fate(api: Api): Fate;
  /** May kill or pause the process, or change what is around it. */
  strike(point: FaultPoint, process: SimProcess): void;
  /** Entries of one partition that one answer has at most. */
  fetchLimit(): number;
  /** Whether an answer has no room for a partition. */
  isCrowdedOut(): boolean;
  isMetadataStale(): boolean;
  markerDelayMs(): number;
  openDelayMs(): number;
  isRegistryAway(): boolean;
  /** Whether a topic's configuration is not for everybody to read. */
  isSecretive(): boolean;
}

/** Nothing goes wrong, and everything takes a millisecond. */
export const NO_FAULTS: Faults = {
  fate: () => ({ sendMs: 1, answerMs: 1, loss: 'none', lossMs: 0, lateMs: 0 }),
  strike: () => undefined,
  fetchLimit: () => 1000,
  isCrowdedOut: () => false,
  isMetadataStale: () => false,
  markerDelayMs: () => 1,
  openDelayMs: () => 1,
  isRegistryAway: () => false,
  isSecretive: () => false,
};
