import type { Contender } from './contender.ts';
import { probeMs } from './machine.ts';
import type { Figure, Measurement, RunResult } from './measurements/measurement.ts';
import type { MeasurementName } from './options.ts';
import type { Progress } from './progress.ts';
import { ApplicationEnded } from './stage.ts';

/** One run of one contender. */
export interface Run extends RunResult {
  readonly contender: Contender['name'];
  readonly threads: number;
  readonly run: number;
  /** The same piece of arithmetic before and after: says whether the machine was as quick. */
  readonly probeMs: readonly [before: number, after: number];
  /** Why there are no values. */
  readonly refused?: string;
}

export interface RaceResult {
  readonly measurement: MeasurementName;
  readonly figures: readonly Figure[];
  readonly runs: readonly Run[];
}

/** Exit code of settings that are refused. */
const WRONG_SETTINGS = 2;

/** Runs a measurement: the contenders take turns, so that a machine that gets slower does so for all. */
export async function race(
  measurement: Measurement,
  contenders: readonly Contender[],
  rounds: number,
  progress: Progress,
): Promise<RaceResult> {
  const { name, figures } = measurement;
  progress.say(`${name}: preparing`);
  await measurement.prepare();
  const runs: Run[] = [];
  for (let run = 1; run <= rounds; run++) {
    for (const threads of measurement.threads) {
      for (const contender of contenders) {
        const label = `${name} ${run}/${rounds}: ${contender.name}, ${threads} thread(s)`;
        progress.say(label);
        const before = probeMs();
        const result = await refusable(() => measurement.run(contender, threads), threads);
        const after = probeMs();
        runs.push({
          ...result,
          contender: contender.name,
          threads,
          run,
          probeMs: [before, after],
        });
        if (result.fault !== undefined) progress.say(`${label}: WRONG: ${result.fault}`);
        if (result.refused !== undefined) progress.say(`${label}: – ${result.refused}`);
      }
    }
  }
  return { measurement: name, figures, runs };
}

/** Several threads may be what an application does not have; that is a result. */
async function refusable(
  measure: () => Promise<RunResult>,
  threads: number,
): Promise<RunResult & { refused?: string }> {
  try {
    return await measure();
  } catch (error) {
    const isRefusal =
      threads > 1 && error instanceof ApplicationEnded && error.exitCode === WRONG_SETTINGS;
    if (!isRefusal) throw error;
    return { values: {}, refused: error.log.replaceAll(/\s*\n\s*/g, ' ') };
  }
}
