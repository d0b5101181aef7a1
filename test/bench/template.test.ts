import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { expandTemplate, templateFault } from './template.ts';

const values = {
  brokers: '127.0.0.1:9092,127.0.0.1:9093',
  registry: 'http://127.0.0.1:8081/apis/ccompat/v7',
  application: 'bench-1',
  orders: 'orders',
  payments: 'payments',
  alerts: 'alerts',
  resolved: 'resolved',
  stateDir: "/tmp/it's $HOME",
  threads: 2,
  lateness: 5000,
};
const NEEDED = '{brokers} {application} {orders} {payments} {alerts}';

test('placeholders are filled in', () => {
  expect(expandTemplate('app bootstrap.servers={brokers} threads={threads}', values)).toBe(
    'app bootstrap.servers=127.0.0.1:9092,127.0.0.1:9093 threads=2',
  );
});

test('a shell gets the values as they are', () => {
  const command = expandTemplate('printf %s {stateDir}', values);
  expect(execFileSync('/bin/sh', ['-c', command]).toString()).toBe("/tmp/it's $HOME");
});

test('what can not be filled in, and what is missing, is a fault', () => {
  expect(templateFault(NEEDED)).toBeUndefined();
  expect(templateFault(`${NEEDED} {thread}`)).toMatch(/^has \{thread\}; known are \{brokers\}/);
  expect(templateFault('java -jar peer.jar {brokers} {orders} {payments} {alerts}')).toBe(
    'lacks {application}',
  );
});
