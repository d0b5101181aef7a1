import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './bootstrap/root.mjs';
import { summary } from './summary.ts';

test('says where everything is and what to do next', () => {
  const dataDir = path.join(ROOT, '.local/start');
  const stack = {
    addresses: { KAFKA_BROKERS: '127.0.0.1:19092' },
    urls: new Map([['kafka-alert', 'http://127.0.0.1:18090']]),
    logs: path.join(dataDir, 'logs'),
  };
  const text = summary({ stack, dataDir, tookMs: 12_345 });
  expect(text).toContain('All is up after 12.3 s.');
  expect(text).toContain('Kafka             127.0.0.1:19092');
  expect(text).toContain('kafka-alert       http://127.0.0.1:18090/actuator/health');
  expect(text).toContain('Logs              .local/start/logs');
  expect(text).toContain('npx kafka-alert demo');
  expect(text).not.toContain('The store');
});

test('says where people look, and as whom', () => {
  const urls = new Map([
    ['bff', 'http://127.0.0.1:18080'],
    ['paypay-sandbox', 'http://127.0.0.1:18095'],
  ]);
  const text = summary({
    stack: { addresses: {}, urls, logs: 'logs' },
    dataDir: 'data',
    tookMs: 1,
  });
  expect(text).toContain('http://127.0.0.1:18080/ops     sign in as ops@example.jp');
  expect(text).toContain('http://127.0.0.1:18095/');
  expect(text).toContain('correct horse battery');
});
