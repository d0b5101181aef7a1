import { StreamsException, type FailureKind } from '../errors.ts';
import type { KeyedState } from '../state/keyed-state.ts';
import { Blame } from './blame.ts';
import { causeId, KIND_OF_CAUSE, type Cause } from './cause.ts';
import type { OutputRecord } from './commit.ts';
import {
  FailureHandler,
  type FailurePolicies,
  type FailedNode,
  type Failure,
} from './failure-handler.ts';
import { Outputs, type Origin } from './outputs.ts';
import type { Refusals } from './refusals.ts';
import { ProduceError } from './sink.ts';
import type { TaskMetrics } from './task-metrics.ts';

export interface UnitOfWorkOptions {
  readonly task: string;
  readonly partition: number;
  readonly deadLetterTopic: string;
  readonly policies: FailurePolicies;
  readonly metrics: TaskMetrics;
  readonly refusals: Refusals;
}

/**
 * What is done for one record, timer or punctuation after another: states, outputs and counts of each are kept together or,
 * when it fails, dropped together, with a dead letter in their place.
 */
export class UnitOfWork {
  readonly blame = new Blame();
  /** Since the last commit. */
  readonly outputs = new Outputs();
  readonly #options: UnitOfWorkOptions;
  readonly #failures: FailureHandler;
  #states: readonly KeyedState<unknown, unknown>[] = [];
  #cause: Cause | undefined;
  /** What was set aside, and is a dead letter since the last commit. */
  #settled: string[] = [];

  constructor(options: UnitOfWorkOptions) {
    this.#options = options;
    this.#failures = new FailureHandler({ ...options, topic: options.deadLetterTopic });
  }

  /** @param states all that work may change */
  start(states: readonly KeyedState<unknown, unknown>[]): void {
    this.#states = states;
    // A punctuation does not come again at its time.
    const { refusals, task } = this.#options;
    for (const { cause } of refusals.setAside(task)?.values() ?? []) {
      if (cause.kind === 'punctuation') this.#isSetAside(cause);
    }
  }

  /** Something that the work at hand sends to a sink. */
  emit(output: OutputRecord, node: FailedNode): void {
    this.outputs.add(output, { cause: this.#cause!, node });
  }

  /**
   * Keeps all that `work` does or, when it throws, nothing of it.
   * @param node where it begins
   * @returns whether it was kept; else there is a dead letter
   * @throws {RecordFailure} when the policy is to stop
   */
  attempt(cause: Cause, node: FailedNode, work: () => void): boolean {
    if (this.#isSetAside(cause)) return false;
    const { metrics } = this.#options;
    const before = this.outputs.size;
    this.#cause = cause;
    try {
      work();
      for (const state of this.#states) state.keep();
      metrics.keep();
      return true;
    } catch (error) {
      this.outputs.truncate(before);
      for (const state of this.#states) state.undo();
      metrics.undo();
      if (error instanceof StreamsException) throw error;
      const kind: FailureKind =
        error instanceof ProduceError ? 'produce' : KIND_OF_CAUSE[cause.kind];
      this.fail(cause, { kind, node: this.blame.nodeOf(error) ?? node, error });
      return false;
    }
  }

  /** Makes a dead letter of what can't even be attempted. @throws {RecordFailure} when the policy is to stop */
  fail(cause: Cause, failure: Failure): void {
    const letter = this.#failures.deadLetter(cause, failure);
    this.#options.metrics.deadLetter(failure.kind, failure.node.name);
    this.outputs.add(letter);
  }

  /** What an output goes back to; undefined for dead letters. */
  originOf(output: OutputRecord): Origin | undefined {
    return this.outputs.originOf(output);
  }

  /** It is committed. */
  committed(): void {
    this.outputs.clear();
    const { refusals, task } = this.#options;
    if (this.#settled.length > 0) refusals.settled(task, this.#settled);
    this.#settled = [];
  }

  /** Whether the broker has refused what came of it: it is a dead letter then. */
  #isSetAside(cause: Cause): boolean {
    const { refusals, task } = this.#options;
    const all = refusals.setAside(task);
    if (!all) return false;
    const id = causeId(cause);
    const found = all.get(id);
    if (!found || this.#settled.includes(id)) return false;
    this.fail(cause, { kind: 'produce', node: found.node, error: found.error });
    this.#settled.push(id);
    return true;
  }
}
