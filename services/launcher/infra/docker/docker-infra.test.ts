import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInfra } from '../../infra.ts';
import { projectName } from './compose.ts';

// A `docker` that writes down what it is asked for stands in for the engine.
const folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-docker-'));
const calls = path.join(folder, 'calls');
const originalPath = process.env['PATH'];

function fakeDocker(script: string): void {
  const file = path.join(folder, 'docker');
  writeFileSync(file, `#!/bin/sh\necho "$KAFKA_PORT" "$@" >> ${calls}\n${script}\n`);
  chmodSync(file, 0o755);
  rmSync(calls, { force: true });
}

beforeAll(() => (process.env['PATH'] = `${folder}${path.delimiter}${originalPath ?? ''}`));
afterAll(() => {
  process.env['PATH'] = originalPath;
  rmSync(folder, { recursive: true, force: true });
});

test('containers go up, their logs are followed, and they go down at the end', async () => {
  fakeDocker('case "$*" in *logs*) echo "from the container"; exec sleep 600;; esac');
  const dataDir = path.join(folder, 'data');
  const infra = await startInfra({
    dataDir,
    mode: 'docker',
    components: ['kafka'],
    temporary: true,
  });
  const port = infra.addresses['KAFKA_BROKERS']!.split(':')[1]!;
  await infra.stop();

  const written = readFileSync(calls, 'utf8').trim().split('\n');
  const project = `--project-name ${projectName(dataDir)}`;
  expect(written[0]).toMatch(`${port} compose ${project}`);
  expect(written[0]).toMatch(/up --detach --wait kafka$/);
  expect(written.at(-1)).toMatch(/down --volumes$/);
  expect(existsSync(dataDir)).toBe(false);
});

test('what compose says when it fails is in the error', async () => {
  fakeDocker('echo "kafka is unhealthy" >&2; exit 1');
  const dataDir = path.join(folder, 'data');
  const start = startInfra({ dataDir, mode: 'docker', components: ['kafka'], temporary: true });
  await expect(start).rejects.toThrow(
    /up --detach --wait kafka ended with code 1.*kafka is unhealthy/s,
  );
});
