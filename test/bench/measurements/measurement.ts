import type { Contender } from '../contender.ts';
import type { MeasurementName } from '../options.ts';

/** One column of a measurement. */
export interface Figure {
  readonly name: string;
  readonly digits: number;
}

/** What one run gave: values by the figures' names, null for what can't be told. */
export interface RunResult {
  readonly values: Readonly<Record<string, number | null>>;
  /** What is wrong with the alerts that came of it. */
  readonly fault?: string | undefined;
}

/** Something that is measured, of any contender in the same way. */
export interface Measurement extends AsyncDisposable {
  readonly name: MeasurementName;
  readonly figures: readonly Figure[];
  readonly threads: readonly number[];
  /** Nothing that a peer has. */
  readonly isOursAlone?: boolean;
  /** Once, before all runs: what they share. */
  prepare(): Promise<void>;
  run(contender: Contender, threads: number): Promise<RunResult>;
}
