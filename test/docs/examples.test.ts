/** The examples of docs/streams.md are compiled as one program, and each is run: its topology takes records and writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { TopologyTestDriver, type StreamsBuilder, type Topic } from '#streams';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Example {
  /** What the page has declared before it, for all that follow. */
  readonly prelude: string;
  readonly heading: string;
  readonly code: string;
  readonly lines: number;
}

const examples = readExamples(join(ROOT, 'docs', 'streams.md'));
// Inside the project, so that its imports and its compiler settings hold.
const folder = mkdtempSync(join(ROOT, 'test', 'docs', '.examples-'));
const files = examples.map(({ prelude, code }, i) => {
  const imports = code.match(/^import .*$/gm) ?? [];
  const body = code.replace(/^import .*$/gm, '');
  const exported = 'export { builder, orders, payments };';
  const all = [...imports, prelude, body, exported, 'export type { Windowed };'].join('\n');
  const path = join(folder, `example-${String(i + 1)}.ts`);
  writeFileSync(path, all.replace(/^import type .*$/m, '$&\nvoid [JoinWindows, TimeWindows];'));
  return path;
});

afterAll(() => rmSync(folder, { recursive: true }));

test('there are examples, each of them short', () => {
  expect(examples.length).toBeGreaterThan(15);
  expect(examples.filter(({ lines }) => lines > 12)).toEqual([]);
});

test('they compile', { timeout: 60_000 }, () => {
  const read = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const config = read.config as unknown;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram(files, {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
  });
  const faults = ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) =>
      [file?.fileName, ts.flattenDiagnosticMessageText(messageText, '\n')].join(': '),
    );
  expect(faults).toEqual([]);
});

interface Loaded {
  readonly builder: StreamsBuilder;
  readonly orders: Topic<unknown>;
  readonly payments: Topic<unknown>;
}

describe('they run:', () => {
  test.each(examples.map(({ heading }, i) => [`${String(i + 1)}, ${heading}`, files[i]!] as const))(
    'example %s',
    async (_name, file) => {
      const loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Loaded;
      const topology = loaded.builder.build();
      const driver = new TopologyTestDriver(topology, { wallClock: 0 });
      driver.advanceWallClockTo(1);
      const inputs = topology.sources.map(({ topic }) => topic.name);
      for (const at of [1_000, 2_000, 3_600_000]) {
        const order = { orderNo: 'ORD-1', customer: 'ann', total: at, at };
        const payment = { orderNo: 'ORD-1', amount: at, at };
        if (inputs.includes('orders')) driver.pipe(loaded.orders, order);
        if (inputs.includes('payments')) driver.pipe(loaded.payments, payment);
      }
      driver.advanceWallClockTo(7_200_000);
      driver.advanceWatermarkTo(7_200_000);
      expect(driver.readDeadLetters()).toEqual([]);
      const sinks = topology.sinks.filter((sink) => !sink.repartition);
      const written = sinks.flatMap(({ topic }) => driver.read(topic));
      expect(written.length > 0 || sinks.length === 0).toBe(true);
    },
  );
});

function readExamples(path: string): Example[] {
  const examples: Example[] = [];
  let prelude = '';
  let heading = '';
  for (const part of readFileSync(path, 'utf8').split(/^(?=#+ |```)/m)) {
    heading = /^#+ (.*)/.exec(part)?.[1] ?? heading;
    const [, kind, code] = /^```ts( prelude)?\n([^]*)/.exec(part) ?? [];
    if (code === undefined) continue;
    if (kind !== undefined) prelude += code;
    else examples.push({ prelude, heading, code, lines: code.trim().split('\n').length });
  }
  return examples;
}
