import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSettings, SettingsError, type Settings } from './settings.ts';

let cwd: string;
beforeEach(() => (cwd = mkdtempSync(join(tmpdir(), 'settings-'))));
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

test('without anything set, the defaults are those of the handbook', () => {
  expect(read({})).toEqual({
    kafka: { brokers: ['127.0.0.1:9092'], ssl: false },
    schemaRegistryUrl: 'http://127.0.0.1:8081',
    applicationId: 'kafka-alert',
    stateDir: '.local/state',
    graceMs: 300_000,
    allowedLatenessMs: 5_000,
    retentionMs: 7 * 24 * 3_600_000,
    unknownOrder: true,
    orderTopic: 'order-status-changed',
    paymentTopic: 'payment-status-observed',
    alertTopic: 'alerts.order_payment_inconsistency.v1',
    resolvedTopic: 'alerts.order_payment_inconsistency.resolved.v1',
    commitIntervalMs: 100,
    threads: 1,
    standbyReplicas: 0,
    httpHost: '127.0.0.1',
    httpPort: 8090,
    logLevel: 'info',
  });
});

describe('where a value comes from', () => {
  beforeEach(() => {
    mkdirSync(join(cwd, '.local/start'), { recursive: true });
    writeFileSync(
      join(cwd, '.local/start/addresses.json'),
      JSON.stringify({ KAFKA_BROKERS: 'launched:1', APPLICATION_ID: 'launched' }),
    );
  });

  test('a running launcher is found', () => {
    expect(read({}).kafka.brokers).toEqual(['launched:1']);
  });

  test('.env comes before it, the environment before both', () => {
    writeFileSync(join(cwd, '.env'), '# mine\nAPPLICATION_ID="from-file"\nGRACE_MS=7\n');
    expect(read({}).applicationId).toBe('from-file');
    expect(read({}).graceMs).toBe(7);
    expect(read({ APPLICATION_ID: 'from-env' }).applicationId).toBe('from-env');
    expect(read({ APPLICATION_ID: 'from-env' }).kafka.brokers).toEqual(['launched:1']);
  });

  test('an empty value is none', () => {
    expect(read({ APPLICATION_ID: ' ' }).applicationId).toBe('launched');
  });

  test('a file that is no such thing is a fault, not a default', () => {
    writeFileSync(join(cwd, '.local/start/addresses.json'), '{"KAFKA_BROKERS":');
    expect(faultsOf({})).toEqual([expect.stringMatching(/addresses\.json: can not be used/)]);
  });
});

test('every fault is listed, with what was given and what is expected', () => {
  expect(
    faultsOf({
      GRACE_MS: '5m',
      RETENTION_MS: '0',
      HTTP_PORT: '70000',
      KAFKA_BROKERS: 'localhost',
      UNKNOWN_ORDER: 'maybe',
      LOG_LEVEL: 'loud',
    }),
  ).toEqual([
    'KAFKA_BROKERS: has "localhost", which is no address (got "localhost"), expected host:port, several separated by commas',
    'GRACE_MS: is no whole number (got "5m"), expected milliseconds, such as 300000',
    'RETENTION_MS: is less than 1 (got "0"), expected milliseconds, such as 604800000',
    'UNKNOWN_ORDER: is neither on nor off (got "maybe"), expected on or off',
    'HTTP_PORT: is more than 65535 (got "70000"), expected a port, or 0 for any free one',
    'LOG_LEVEL: is not known (got "loud"), expected one of trace, debug, info, warn, error, fatal, silent',
  ]);
});

test.each([
  [{ THREADS: '0' }, /^THREADS: is less than 1 \(got "0"\), expected stream threads, such as 2$/],
  [{ STANDBY_REPLICAS: '-1' }, /^STANDBY_REPLICAS: .*\(got "-1"\)/],
  [{ GRACE_MS: '11', RETENTION_MS: '10' }, /^GRACE_MS: is more than RETENTION_MS \(got "11"\)/],
  [{ GRACE_MS: '-1' }, /^GRACE_MS: is no whole number/],
  [{ ALLOWED_LATENESS_MS: '1.5' }, /^ALLOWED_LATENESS_MS: is no whole number/],
  [{ COMMIT_INTERVAL_MS: '0' }, /^COMMIT_INTERVAL_MS: is less than 1/],
  [{ ALERT_TOPIC: 'has space' }, /^ALERT_TOPIC: can not be a name/],
  [{ APPLICATION_ID: '../up' }, /^APPLICATION_ID: can not be a name/],
  [{ APPLICATION_ID: '..' }, /^APPLICATION_ID: can not be a name/],
  [{ ORDER_TOPIC: 'payment-status-observed' }, /^PAYMENT_TOPIC: is the topic of ORDER_TOPIC/],
  [{ SCHEMA_REGISTRY_URL: 'ftp://a' }, /^SCHEMA_REGISTRY_URL: is no http\(s\) address/],
  [{ SCHEMA_REGISTRY_URL: '127.0.0.1:8081' }, /^SCHEMA_REGISTRY_URL: is no http/],
  [{ KAFKA_BROKERS: 'a:1,b:99999' }, /^KAFKA_BROKERS: has "b:99999"/],
  [{ ADVERTISED_ADDRESS: 'http://a:1' }, /^ADVERTISED_ADDRESS: has "http:.*expected host:port/],
  [{ ADVERTISED_ADDRESS: 'a:0' }, /^ADVERTISED_ADDRESS: has "a:0"/],
  [{ KAFKA_SSL_CA: '/no/such.pem', KAFKA_SSL: 'true' }, /^KAFKA_SSL_CA: can not be read/],
  [{ KAFKA_SSL_CA: '-----BEGIN CERTIFICATE-----' }, /^KAFKA_SSL_CA: has no effect without TLS/],
])('%j is refused', (env, fault) => {
  expect(faultsOf(env)).toEqual([expect.stringMatching(fault)]);
});

test.each([
  ['on', true],
  ['off', false],
  ['true', true],
  ['False', false],
])('UNKNOWN_ORDER=%s', (UNKNOWN_ORDER, unknownOrder) => {
  expect(read({ UNKNOWN_ORDER })).toMatchObject({ unknownOrder });
});

test('several brokers, also with IPv6 addresses', () => {
  expect(read({ KAFKA_BROKERS: 'a:1, b:2,[::1]:9092' }).kafka.brokers).toEqual([
    'a:1',
    'b:2',
    '[::1]:9092',
  ]);
});

test('where others reach it is said only where it differs from where it listens', () => {
  expect(read({})).not.toHaveProperty('advertisedAddress');
  const ADVERTISED_ADDRESS = 'alerts-0.alerts:8090';
  expect(read({ ADVERTISED_ADDRESS }).advertisedAddress).toBe(ADVERTISED_ADDRESS);
});

describe('security', () => {
  const sasl = {
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: 'me',
    KAFKA_SASL_PASSWORD: 's3cret',
  };

  test('TLS with the system’s authorities, or with an own one from a file', () => {
    const pem = '-----BEGIN CERTIFICATE-----\n';
    writeFileSync(join(cwd, 'ca.pem'), pem);
    expect(read({ KAFKA_SSL: 'true' }).kafka.ssl).toBe(true);
    const ssl = read({ KAFKA_SSL: 'on', KAFKA_SSL_CA: join(cwd, 'ca.pem') }).kafka.ssl;
    expect(ssl).toEqual({ ca: pem });
  });

  test('SASL, in the words of Java too', () => {
    expect(read(sasl).kafka.sasl).toEqual({
      mechanism: 'scram-sha-512',
      username: 'me',
      password: 's3cret',
    });
  });

  test('half of SASL is a fault that does not show the password', () => {
    const faults = faultsOf({ KAFKA_SASL_PASSWORD: 's3cret' });
    expect(faults).toHaveLength(2);
    expect(faults.join()).not.toContain('s3cret');
  });
});

function read(env: Record<string, string>): Settings {
  return readSettings({ env, cwd });
}

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}
