import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Application } from './application.ts';

const launch = (script: string) => ({
  file: process.execPath,
  args: ['-e', script],
  env: process.env as Record<string, string>,
  cwd: tmpdir(),
});

test('what an application has started ends with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-application-'));
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  // The grandchild holds a connection, which ends with it.
  const child = `require('net').connect(${JSON.stringify(socket)}); process.on('SIGTERM', () => {})`;
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}])`;
  try {
    await using application = await Application.start(launch(parent));
    const [connection] = (await once(server, 'connection')) as [NodeJS.ReadableStream];
    const closed = once(connection.resume(), 'close');
    await application.end('SIGKILL');
    await closed;
    expect(application.hasEnded).toBe(true);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test('its last words are kept, and its exit code', async () => {
  const script = `console.error('x'.repeat(9000) + ' no such topic'); process.exitCode = 2`;
  await using application = await Application.start(launch(script));
  await application.hasExited;
  expect(application.exitCode).toBe(2);
  expect(application.log).toMatch(/^x{3000,} no such topic$/);
});

test('a program that is not there is named', async () => {
  const nowhere = { ...launch(''), file: '/no/such/program' };
  await expect(Application.start(nowhere)).rejects.toThrow(
    "/no/such/program can't be started: spawn /no/such/program ENOENT",
  );
});
