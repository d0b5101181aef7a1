import type { Machine } from './machine.ts';
import type { RaceResult, Run } from './race.ts';
import { median } from './statistics.ts';
import { number, table } from './table.ts';

/** A figure over all runs with one thread count. */
export interface SummaryRow {
  readonly measurement: string;
  readonly figure: string;
  readonly threads: number;
  readonly digits: number;
  readonly ours: Spread | null;
  readonly peer: Spread | null;
  /** Of the medians, ours by the peer's. */
  readonly ratio: number | null;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Report {
  readonly machine: Machine;
  readonly results: readonly RaceResult[];
  readonly summary: readonly SummaryRow[];
}

export function report(machine: Machine, results: readonly RaceResult[]): Report {
  return { machine, results, summary: results.flatMap(summaryOf) };
}

/** Whether every run had the alerts that it should have. */
export function isRight({ results }: Report): boolean {
  return results.every(({ runs }) => runs.every(({ fault }) => fault === undefined));
}

/** All of it for people. */
export function reportText({ machine, results, summary }: Report): string {
  const { cores, cpu, memoryGiB, system, node, date, command } = machine;
  const facts = `${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node.js ${node}, ${date}`;
  const parts = results.map(
    (result) => `${result.measurement}\n${runsTable(result)}${notes(result)}`,
  );
  return [`${command}\n${facts}\n`, ...parts, `summary\n${summaryTable(summary)}`].join('\n');
}

function runsTable({ figures, runs }: RaceResult): string {
  const head = ['application', 'threads', 'run', ...figures.map(({ name }) => name), 'probe ms'];
  const rows = runs.map((run) => [
    run.contender,
    String(run.threads),
    String(run.run),
    ...figures.map(({ name, digits }) => number(run.values[name], digits)),
    run.probeMs.map((ms) => ms.toFixed(1)).join(' → '),
  ]);
  return table(head, rows);
}

function notes({ runs }: RaceResult): string {
  return runs
    .flatMap(({ contender, threads, run, fault, refused }) => {
      const which = `${contender}, ${threads} thread(s), run ${run}`;
      if (fault !== undefined) return [`${which}: WRONG: ${fault}\n`];
      return refused === undefined ? [] : [`${which}: – since it refused: ${refused}\n`];
    })
    .join('');
}

function summaryTable(summary: readonly SummaryRow[]): string {
  const hasPeer = summary.some(({ peer }) => peer !== null);
  const head = ['measurement', 'figure', 'threads', 'kafka-alert', 'least – most'];
  const peerHead = ['peer', 'least – most', 'kafka-alert / peer'];
  const rows = summary.map(({ measurement, figure, threads, digits, ours, peer, ratio }) => {
    const row = [measurement, figure, String(threads), ...cells(ours, digits)];
    return hasPeer ? [...row, ...cells(peer, digits), number(ratio, 2)] : row;
  });
  return table(hasPeer ? [...head, ...peerHead] : head, rows);
}

function cells(spread: Spread | null, digits: number): string[] {
  if (!spread) return ['–', '–'];
  const { least, most } = spread;
  return [number(spread.median, digits), `${number(least, digits)} – ${number(most, digits)}`];
}

function summaryOf({ measurement, figures, runs }: RaceResult): SummaryRow[] {
  const threadCounts = [...new Set(runs.map(({ threads }) => threads))];
  return figures.flatMap(({ name, digits }) =>
    threadCounts.flatMap((threads) => {
      const of = (contender: Run['contender']) =>
        spread(
          runs
            .filter((run) => run.contender === contender && run.threads === threads)
            .map(({ values }) => values[name]),
        );
      const [ours, peer] = [of('kafka-alert'), of('peer')];
      const ratio = ours && peer && peer.median !== 0 ? ours.median / peer.median : null;
      if (!ours && !peer) return [];
      return [{ measurement, figure: name, threads, digits, ours, peer, ratio }];
    }),
  );
}

function spread(values: readonly (number | null | undefined)[]): Spread | null {
  const known = values.filter(
    (value): value is number => typeof value === 'number' && !Number.isNaN(value),
  );
  if (known.length === 0) return null;
  return { median: median(known), least: Math.min(...known), most: Math.max(...known) };
}
