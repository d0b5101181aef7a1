import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../vectors/', import.meta.url);

/** The names of the worked examples, `late-*` included. */
export const vectorNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.events.jsonl'))
  .map((file) => file.replace('.events.jsonl', ''));

export interface Vector {
  readonly name: string;
  /** As the file has them, in line order. */
  readonly events: readonly VectorEvent[];
  /** Lines of the expected alerts and resolutions. */
  readonly alerts: readonly string[];
  readonly resolved: readonly string[];
  readonly options: { readonly graceMs?: number; readonly unknownOrder?: 'on' | 'off' | boolean };
  readonly eventsFile: string;
}

export interface VectorEvent {
  readonly topic: string;
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export function loadVector(name: string): Vector {
  const optionsFile = new URL(`${name}.options.json`, folder);
  return {
    name,
    events: linesOf(`${name}.events.jsonl`).map((line) => JSON.parse(line) as VectorEvent),
    alerts: linesOf(`${name}.alerts.jsonl`),
    resolved: linesOf(`${name}.resolved.jsonl`),
    options: existsSync(optionsFile)
      ? (JSON.parse(readFileSync(optionsFile, 'utf8')) as Vector['options'])
      : {},
    eventsFile: new URL(`${name}.events.jsonl`, folder).pathname,
  };
}

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
