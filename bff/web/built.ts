/** What `build.ts` has built, for the server: how to render, where the files are, and the files. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Hono } from 'hono';
import type { Ui } from './build.ts';
import type { PageAssets, Render } from './shell.ts';

/** A UI: how its pages are rendered, and what they load. */
export interface BuiltUi<Pages> {
  readonly render: Render<Pages>;
  readonly assets: PageAssets;
}

type Manifest = Readonly<
  Record<
    string,
    {
      readonly file: string;
      readonly imports?: readonly string[];
      readonly css?: readonly string[];
    }
  >
>;

/**
 * Loads one UI of a build.
 *
 * @example
 * const store = await loadUi<StorePages>(folder, 'storefront');
 */
export async function loadUi<Pages>(folder: string, ui: Ui): Promise<BuiltUi<Pages>> {
  const manifest = JSON.parse(
    readFileSync(join(folder, 'client/manifest.json'), 'utf8'),
  ) as Manifest;
  const { render } = (await import(pathToFileURL(join(folder, `server/${ui}.js`)).href)) as {
    render: Render<Pages>;
  };
  return { render, assets: assetsOf(manifest, ui) };
}

export function assetsOf(manifest: Manifest, ui: Ui): PageAssets {
  const addressOf = (key: string) => {
    const entry = manifest[key];
    if (entry === undefined) throw new Error(`the build has no ${key}: node bff/web/build.ts`);
    return `/${entry.file}`;
  };
  const client = `bff/${ui}/client.ts`;
  const withImports = (key: string): string[] => {
    const { imports = [] } = manifest[key] ?? {};
    return [
      addressOf(key),
      ...imports.flatMap((each) => (each === client ? [] : withImports(each))),
    ];
  };
  return {
    styles: [addressOf(`bff/${ui}/${ui}.css`)],
    script: addressOf(client),
    ofIsland: (name) => {
      const key = [`bff/${ui}/islands/${name}.tsx`, `bff/web/islands/${name}.tsx`].find(
        (each) => each in manifest,
      );
      if (key === undefined) throw new Error(`island ${name} is not among those of ${client}`);
      return [...new Set(withImports(key))];
    },
  };
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Serves the files that browsers load, out of memory: a handful of kilobytes, none of which ever changes. */
export function createAssets(folder: string): Hono {
  const files = new Map(
    readdirSync(join(folder, 'client/assets')).map((name) => [
      name,
      readFileSync(join(folder, 'client/assets', name)),
    ]),
  );
  const app = new Hono();
  app.get('/assets/:name', (c) => {
    const name = c.req.param('name');
    const file = files.get(name);
    if (file === undefined) return c.notFound();
    return c.body(new Uint8Array(file), 200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  });
  return app;
}
