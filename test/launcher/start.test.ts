import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { services } from '../../services/launcher/services.ts';
import { allGone, eventually, LauncherProcess } from './processes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'kafka-alert-start-'));
// Open to all: as root, Elasticsearch is another user, and its data would be kept elsewhere otherwise.
chmodSync(folder, 0o755);
const dataDir = path.join(folder, 'data');
const addressesFile = path.join(dataDir, 'addresses.json');
let launcher: LauncherProcess | undefined;

afterAll(async () => {
  launcher?.signal('SIGTERM');
  await launcher?.ended;
  rmSync(folder, { recursive: true, force: true });
});

test('a second start on the same data is refused, naming the first', async () => {
  mkdirSync(dataDir);
  writeFileSync(`${dataDir}.lock`, String(process.pid));
  const second = new LauncherProcess('start.ts', ['--native', '--data', dataDir]);
  expect(await second.ended).toBe(1);
  expect(second.stderr).toContain(`as process ${process.pid}`);
  rmSync(`${dataDir}.lock`);
});

test('everything comes up, a service that is killed comes back, and SIGTERM ends it all', async () => {
  const running = new LauncherProcess('start.ts', ['--native', '--data', dataDir]);
  launcher = running;
  let end: number | string | undefined;
  void running.ended.then((how) => (end = how));
  await eventually(
    'all up',
    () => {
      if (end !== undefined) throw new Error(`npm start ended (${end}):\n${running.stderr}`);
      return running.stdout.includes('Ctrl-C stops it all');
    },
    150_000,
  );

  const addresses = JSON.parse(readFileSync(addressesFile, 'utf8')) as Record<string, string>;
  expect(Object.keys(addresses).sort()).toEqual([
    'ELASTICSEARCH_URL',
    'KAFKA_ALERT_URL',
    'KAFKA_BROKERS',
    'MYSQL_URL',
    'PAYPAY_URL',
    'REDIS_URL',
    'SCHEMA_REGISTRY_URL',
  ]);

  const health = /(http\S+\/actuator\/health)/.exec(running.stdout)![1]!;
  const before = (await (await fetch(health)).json()) as { status: string };
  expect(before.status).toBe('UP');

  const service = running
    .descendants()
    .find((pid) => running.commandOf(pid).includes('kafka-alert/main.ts'))!;
  process.kill(service, 'SIGKILL');
  await eventually('its death reported', () => /kafka-alert +DIED/.test(running.stderr));
  await eventually('healthy again', async () => {
    const answer = await fetch(health).catch(() => undefined);
    return answer?.status === 200;
  });

  const left = running.descendants();
  running.signal('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(allGone(left)).toBe(true);
  expect(existsSync(addressesFile)).toBe(false);
  const stopped = [...running.stderr.matchAll(/^(\S+) +stopped$/gm)].map((match) => match[1]);
  expect(stopped.slice(0, services.length)).toEqual(services.map(({ name }) => name).reverse());
});
