/**
 * Reads the sources and checks what no compiler does: which layer imports which, what was left over, what nobody uses.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Who may import whom; a layer may always import itself. `docs/architecture.md` draws it. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  streams: [],
  schemas: [],
  topology: ['streams', 'schemas'],
  // The one door to streams for services: settings, health and metrics of a topology that is hosted.
  'services/kit': ['schemas', 'streams'],
  // It replays on the driver, and answers what a store holds.
  'services/kafka-alert': ['topology', 'schemas', 'services/kit', 'streams'],
  'services/*': ['topology', 'schemas', 'services/kit'],
  bff: ['schemas', 'services/kit', 'bff/contract', 'bff/web', 'bff/storefront', 'bff/console'],
  // What crosses the wire: it runs in browsers, too.
  'bff/contract': [],
  'bff/web': ['bff/contract'],
  // Two UIs that talk HTTP, and know nothing of each other.
  'bff/storefront': ['bff/contract', 'bff/web'],
  'bff/console': ['bff/contract', 'bff/web'],
  // The drawing: names as they are read, held against the code by a test.
  docs: [],
};

/** Imports that no arrow allows, each for its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'services/kafka-alert/bin.mjs → services/launcher':
    'npx starts on a bare clone: what makes it ready is the launcher’s',
};

/** Who may name which package; as text, since some are loaded by `require` with a path put together. */
const PACKAGES: readonly { readonly name: RegExp; readonly only: RegExp; readonly why: string }[] =
  [
    {
      name: /['"`]rocksdb['"`]/,
      only: /^streams\/state\//,
      why: 'the engine stays behind the store port',
    },
    {
      name: /['"`]kafkajs\/src/,
      only: /^streams\/runtime\//,
      why: 'internals of the client may change with any version: one place to mend',
    },
    {
      name: /['"`]kafkajs['"`]/,
      only: /^(streams\/runtime|services|test)\//,
      why: 'a topology and a schema know no broker',
    },
  ];

const SELF = 'test/tidy.test.ts';

const MAX_LINES = 400;
/** Tests are lists: twice as long is as easy to read. */
const MAX_TEST_LINES = 800;
const LONG_FILES: Readonly<Record<string, string>> = {
  'streams/runtime/kafka/kafkajs-kafka.ts': 'one method for each request of the port',
};

/** Used by their name from outside: scripts, processes, and what a tool loads. */
const ENTRIES: readonly RegExp[] = [
  /\.test\.tsx?$/,
  /\.d\.mts$/,
  /^services\/[^/]+\/((rebuild-)?main\.ts|bin\.mjs)$/,
  /^bff\/main\.ts$/,
  /^services\/launcher\//, // its steps are named by `bootstrap/commands.mjs`
  /^(streams|schemas|services\/kit|topology\/[^/]+)\/index\.ts$/,
  /^schemas\/generate\.ts$/,
  /^docs\/drawing\/write\.ts$/,
  /^test\//,
  /^bff\/(storefront|console)\/(client\.ts|server\.tsx)$/, // what `bff/web/build.ts` builds
  /^bff\/web\/build\.ts$/,
];

interface Source {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources = ['streams', 'topology', 'schemas', 'services', 'bff', 'docs', 'test']
  .flatMap(filesIn)
  .filter((path) => /\.(tsx?|mts|mjs)$/.test(path) && !/^bff\/dist/.test(path))
  .map((path): Source => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return { path, text, imports: importsOf(text) };
  });

test('there is something to check', () => {
  expect(sources.length).toBeGreaterThan(50);
});

describe('imports', () => {
  test('go along the arrows of the layers', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .map((name) => layerOf(targetOf(path, name)))
        .filter((to) => to !== undefined && !mayImport(layerOf(path), to))
        .map((to) => `${path} → ${String(to)}`),
    );
    expect(wrong.filter((arrow) => !(arrow in EXCEPTIONS))).toEqual([]);
  });

  test('the exceptions are needed', () => {
    const all = sources.flatMap(({ path, imports }) =>
      imports.map((name) => `${path} → ${String(layerOf(targetOf(path, name)))}`),
    );
    expect(Object.keys(EXCEPTIONS).filter((arrow) => !all.includes(arrow))).toEqual([]);
  });

  test('of some packages are for some folders only', () => {
    const wrong = sources
      .filter(({ path }) => path !== SELF)
      .flatMap(({ path, text }) =>
        PACKAGES.filter((rule) => rule.name.test(text) && !rule.only.test(path)).map(
          ({ name, why }) => `${path} names ${String(name)}: ${why}`,
        ),
      );
    expect(wrong).toEqual([]);
  });

  test('name packages that package.json has, those for development only in tests', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .map(packageOf)
        .filter((name) => name !== undefined)
        .filter((name) => !(name in dependencies) && !(isTest(path) && name in devDependencies))
        .map((name) => `${path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('name files that are there, with their ending', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .map((name) => targetOf(path, name))
        .filter((target) => target !== undefined && !existsSync(join(ROOT, target)))
        .map((target) => `${path} imports ${String(target)}`),
    );
    expect(wrong).toEqual([]);
  });
});

test('every file is used by another one', () => {
  const used = new Set(
    sources.flatMap(({ path, imports }) => imports.map((name) => targetOf(path, name))),
  );
  const dead = sources
    .map(({ path }) => path)
    .filter((path) => !used.has(path) && !ENTRIES.some((entry) => entry.test(path)));
  expect(dead).toEqual([]);
});

describe('leftovers', () => {
  test('what is to be done has an issue', () => {
    expect(linesWith(/\b(TO)DO\b(?!\(#\d+\))|\b(FIX)ME\b|\bX{3}\b/)).toEqual([]);
  });

  test('nothing is printed outside of the commands', () => {
    const commands = /^(services\/launcher|services\/[^/]+\/cli|test\/bench)\//;
    const printed = linesWith(/^(?!\s*(\*|\/\/)).*\bconsole\.\w+\(/);
    expect(printed.filter((line) => !commands.test(line))).toEqual([]);
  });

  test('no test runs alone, no debugger waits', () => {
    expect(linesWith(/^(?!\s*(\*|\/\/)).*\b((test|it|describe)\.only\b|debugger;)/)).toEqual([]);
  });
});

describe('files', () => {
  test(`have at most ${String(MAX_LINES)} lines (tests ${String(MAX_TEST_LINES)}), or a reason`, () => {
    const long = sources
      .filter(({ path, text }) => linesOf(text) > (isTest(path) ? MAX_TEST_LINES : MAX_LINES))
      .map(({ path, text }) => `${path}: ${String(linesOf(text))}`);
    expect(long.filter((line) => !(line.split(':')[0]! in LONG_FILES))).toEqual([]);
  });

  test('are in kebab-case', () => {
    const odd = sources.filter(
      ({ path }) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(path.split('/').at(-1)!),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function importsOf(text: string): string[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  // A worker is another file, too.
  const workers = text.matchAll(/^(?!\s*\*).*new URL\('(\.[^']+\.ts)', import\.meta\.url\)/gm);
  // What the scan leaves out.
  const namespaces = text.matchAll(/^export \* as \w+ from '([^']+)'/gm);
  const further = [...workers, ...namespaces].map((match) => match[1]!);
  return [...importedFiles.map(({ fileName }) => fileName), ...further];
}

/** The file that an import means, from the project's root; undefined for a package. */
function targetOf(path: string, name: string): string | undefined {
  if (name.startsWith('.')) return join(dirname(path), name).replaceAll('\\', '/');
  if (name === '#streams' || name === '#schemas') return `${name.slice(1)}/index.ts`;
  if (name === '#kit') return 'services/kit/index.ts';
  if (name.startsWith('#streams/')) return `${name.slice(1)}.ts`;
  if (name.startsWith('#topology/')) return `${name.slice(1)}/index.ts`;
  return undefined;
}

function packageOf(name: string): string | undefined {
  if (/^[.#]|^node:/.test(name)) return undefined;
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function layerOf(path: string | undefined): string | undefined {
  const [top, second] = path?.split('/') ?? [];
  if (top === 'bff') return bffLayerOf(path!);
  return top === 'services' ? `services/${String(second)}` : top;
}

function bffLayerOf(path: string): string {
  if (/^bff\/(contract(-\w+)?|calls)\.ts$/.test(path)) return 'bff/contract';
  return /^bff\/(web|storefront|console)(?=\/)/.exec(path)?.[0] ?? 'bff';
}

function mayImport(from: string | undefined, to: string): boolean {
  if (from === undefined || from === to || from === 'test') return true;
  const allowed = ARROWS[from] ?? (from.startsWith('services/') ? ARROWS['services/*'] : undefined);
  return allowed?.includes(to) ?? false;
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$|\/testing\/|^test\//.test(path);
}

function linesWith(pattern: RegExp): string[] {
  return sources
    .filter(({ path }) => path !== SELF)
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .map((line, i) => ({ line, place: `${path}:${String(i + 1)}` }))
        .filter(({ line }) => pattern.test(line))
        .map(({ line, place }) => `${place}: ${line.trim()}`),
    );
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}
