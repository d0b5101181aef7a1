import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Hono } from 'hono';
import { createPages } from './pages.ts';
import { buildWeb } from './web/build.ts';

const parent = mkdtempSync(join(tmpdir(), 'kafka-alert-pages-'));
const folder = join(parent, 'dist');
let pages: Hono;

beforeAll(async () => {
  await buildWeb(folder);
  pages = await createPages({
    folder,
    api: () => Response.json({ title: 'Service Unavailable', detail: '' }, { status: 503 }),
    now: () => 0,
    sandboxUrl: null,
    report: (error) => {
      throw error;
    },
  });
});
afterAll(() => rmSync(parent, { recursive: true }));

test('what has not changed is not built again', async () => {
  expect(await buildWeb(folder)).toEqual({ isNew: false, folder });
});

test('a page is there while the API is not, and says so', async () => {
  const page = await pages.request('/');
  expect(page.status).toBe(503);
  expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8');
});

test('what a page loads is served, for ever', async () => {
  const html = await (await pages.request('/')).text();
  const addresses = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    (match) => match[1]!,
  );
  expect(addresses).not.toEqual([]);
  for (const address of addresses) {
    const file = await pages.request(address);
    expect(file.status, address).toBe(200);
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-type')).toMatch(/^text\/(css|javascript)/);
  }
});

test.each(['/assets/none.js', '/assets/..%2fmanifest.json'])('%s is not there', async (path) => {
  expect((await pages.request(path)).status).toBe(404);
});
