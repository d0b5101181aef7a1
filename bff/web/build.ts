/**
 * Builds the pages of both UIs into `bff/dist/`: what the browser loads, with hashes in its names, and one bundle each
 * that renders on the server.
 *
 * B1. When nothing has changed since the last build, nothing is built: the hash of the sources lies beside the output.
 * B2. A build is moved to its place when it is whole: who reads meanwhile reads the last one.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InlineConfig } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const DIST = join(ROOT, 'bff/dist');
const STAMP = 'sources.sha256';

/** What is built of each UI: `client.ts`, `server.tsx` and `NAME.css` in `bff/NAME/`. */
export const UIS = ['storefront', 'console'] as const;
export type Ui = (typeof UIS)[number];

/** Whose change makes another build. */
const SOURCES = ['bff/web', 'bff/storefront', 'bff/console', 'package-lock.json'];

export interface Built {
  /** False: nothing had changed. */
  readonly isNew: boolean;
  readonly folder: string;
}

/**
 * Builds what has changed.
 *
 * @example
 * const { folder } = await buildWeb();
 */
export async function buildWeb(folder = DIST): Promise<Built> {
  const hash = hashOf(SOURCES);
  if (stampOf(folder) === hash) return { isNew: false, folder };
  const draft = `${folder}-${randomUUID()}`;
  try {
    await buildClient(draft);
    await buildServer(draft);
    writeFileSync(join(draft, STAMP), hash);
    replace(folder, draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return { isNew: true, folder };
}

function uis(): Ui[] {
  return UIS.filter((ui) => existsSync(join(ROOT, 'bff', ui, 'server.tsx')));
}

function buildClient(draft: string): Promise<unknown> {
  const inputs = uis().flatMap((ui) => [
    [ui, join(ROOT, 'bff', ui, 'client.ts')],
    [`${ui}-style`, join(ROOT, 'bff', ui, `${ui}.css`)],
  ]);
  return build({
    build: {
      outDir: join(draft, 'client'),
      manifest: 'manifest.json',
      // Every file is asked for by its own name, and kept for ever.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: Object.fromEntries(inputs) as Record<string, string> },
    },
  });
}

function buildServer(draft: string): Promise<unknown> {
  const inputs = uis().map((ui) => [ui, join(ROOT, 'bff', ui, 'server.tsx')]);
  return build({
    // One Preact for all that is rendered.
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: join(draft, 'server'),
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(inputs) as Record<string, string>,
        output: { entryFileNames: '[name].js', format: 'es' },
      },
    },
  });
}

async function build(config: InlineConfig): Promise<unknown> {
  // Loaded only when there is something to build: it takes longer than to see that there is nothing.
  const vite = await import('vite');
  return vite.build({
    root: ROOT,
    base: '/',
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    ...config,
    build: { target: 'es2022', emptyOutDir: true, reportCompressedSize: false, ...config.build },
  });
}

/** Two may build at once; the later one wins, and both are the same. */
function replace(folder: string, draft: string): void {
  const old = `${folder}-${randomUUID()}`;
  if (existsSync(folder)) renameSync(folder, old);
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

function stampOf(folder: string): string | undefined {
  const file = join(folder, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function hashOf(names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of names.flatMap((name) => filesOf(join(ROOT, name)))) {
    hash
      .update(`${relative(ROOT, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!path.startsWith(join(ROOT, 'bff'))) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) {
  const { isNew, folder } = await buildWeb();
  process.stdout.write(
    `${relative(ROOT, dirname(join(folder, STAMP)))} ${isNew ? 'built' : 'is up to date'}\n`,
  );
}
