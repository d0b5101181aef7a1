import { execFile } from 'node:child_process';
import { expect, inject, test } from 'vitest';
import type { Report } from '../bench/report.ts';

const root = new URL('../../', import.meta.url).pathname;
const SERVICE =
  `GRACE_MS=100 KAFKA_BROKERS={brokers} SCHEMA_REGISTRY_URL={registry} APPLICATION_ID={application}
  STATE_DIR={stateDir} ORDER_TOPIC={orders} PAYMENT_TOPIC={payments} ALERT_TOPIC={alerts} RESOLVED_TOPIC={resolved}
  HTTP_PORT=0 LOG_LEVEL=warn exec ${process.execPath} services/kafka-alert/main.ts`.replaceAll(
    '\n',
    ' ',
  );

test('every measurement has its figures, and the alerts are right', async () => {
  const small = ['--orders', '2000', '--keys', '2000', '--runs', '1', '--threads', '1'];
  const { code, report } = await bench([...small, '--live-seconds', '1', '--idle-seconds', '1']);
  expect(report.results.map(({ measurement }) => measurement)).toEqual([
    'throughput',
    'latency',
    'restart',
    'idle',
  ]);
  for (const { runs, figures } of report.results) {
    expect(runs).toHaveLength(1);
    expect(runs[0]!.fault).toBeUndefined();
    for (const { name } of figures) {
      // So few records may come in one commit, which gives no rate.
      if (name !== 'records/s') expect(runs[0]!.values[name], name).toEqual(expect.any(Number));
    }
  }
  const restart = report.results[2]!.runs[0]!.values;
  // One offset for each key, and some for what came later.
  expect(restart['kill -9: changelog']).toBeGreaterThanOrEqual(2000);
  expect(restart['kill -9: read']).toBeLessThan(restart['kill -9: changelog']! / 2);
  expect(code).toBe(0);
}, 180_000);

test('a peer takes turns, and one whose alerts are wrong is found out', async () => {
  const small = ['--only', 'throughput', '--orders', '200', '--runs', '1', '--threads', '1'];
  const { code, report } = await bench([...small, '--peer', SERVICE]);
  const [ours, peer] = report.results[0]!.runs;
  expect(ours!.contender).toBe('kafka-alert');
  expect(ours!.fault).toBeUndefined();
  expect(peer!.contender).toBe('peer');
  expect(peer!.fault).toMatch(/0 missing, \d+ unexpected/);
  expect(code).toBe(1);
}, 120_000);

function bench(args: readonly string[]): Promise<{ code: number; report: Report }> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = inject('addresses');
  const running = ['--brokers', KAFKA_BROKERS!, '--registry', SCHEMA_REGISTRY_URL!];
  const all = ['test/bench/main.ts', '--json', ...running, ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, all, { cwd: root }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr));
      else resolve({ code: Number(error?.code ?? 0), report: JSON.parse(stdout) as Report });
    });
  });
}
