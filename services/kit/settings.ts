import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { topics } from '#schemas';
import {
  address,
  addresses,
  flag,
  httpUrl,
  MAX_MS,
  name,
  oneOf,
  pem,
  port,
  text,
  whole,
} from './variables.ts';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const GUARANTEES = ['exactly_once_v2', 'at_least_once'] as const;
export type ProcessingGuarantee = (typeof GUARANTEES)[number];

/** What `run` and the other commands of kafka-alert are set to; times in milliseconds. */
export interface Settings {
  readonly kafka: KafkaSettings;
  readonly schemaRegistryUrl: string;
  readonly applicationId: string;
  readonly stateDir: string;
  readonly graceMs: number;
  readonly allowedLatenessMs: number;
  readonly retentionMs: number;
  /** Whether RULE_A is raised for an order of which no record is known. */
  readonly unknownOrder: boolean;
  readonly orderTopic: string;
  readonly paymentTopic: string;
  readonly alertTopic: string;
  readonly resolvedTopic: string;
  readonly commitIntervalMs: number;
  /** `at_least_once`: alerts may come twice, with the same alertId. */
  readonly processingGuarantee: ProcessingGuarantee;
  /** Stream threads of this process. */
  readonly threads: number;
  /** Warm replicas of each task on other instances. */
  readonly standbyReplicas: number;
  readonly httpHost: string;
  /** 0: any free one. */
  readonly httpPort: number;
  /** Where other instances reach this one's HTTP, `host:port`; undefined: where it listens. */
  readonly advertisedAddress?: string;
  readonly logLevel: LogLevel;
}

export interface SettingsSources {
  /** The process's environment; wins over everything else. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `.env` and `.local/start/addresses.json` (written by a running `npm start`) are looked for. */
  readonly cwd: string;
}

/** Values that can't be used; `faults` has a line for every one of them. */
export class SettingsError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`${String(faults.length)} wrong setting(s):\n${faults.map((f) => `  ${f}`).join('\n')}`);
    this.name = 'SettingsError';
    this.faults = faults;
  }
}

/** Variables that one service has besides those of all, by their names. */
export type OwnVariables = Readonly<Record<string, z.ZodType<unknown, string | undefined>>>;
export type OwnSettings<V extends OwnVariables> = { readonly [name in keyof V]: z.output<V[name]> };

/**
 * Reads the settings: environment, else `.env`, else the addresses of a running `npm start`, else the defaults.
 * An empty value counts as none.
 *
 * @example
 * const { kafka, graceMs } = readSettings({ env: process.env, cwd: process.cwd() });
 * @throws {SettingsError} listing every fault, not only the first one
 */
export function readSettings(sources: SettingsSources): Settings {
  return readAllSettings({}, sources).settings;
}

/**
 * As `readSettings`, with what a service has besides.
 *
 * @example
 * const { own } = readAllSettings({ PAYPAY_URL: httpUrl() }, { env: process.env, cwd: process.cwd() });
 * fetch(own.PAYPAY_URL);
 */
export function readAllSettings<V extends OwnVariables>(
  variables: V,
  sources: SettingsSources,
): { readonly settings: Settings; readonly own: OwnSettings<V> } {
  const faults: string[] = [];
  const layers = [
    sources.env,
    fromFile(join(sources.cwd, '.env'), parseEnv, faults),
    fromFile(join(sources.cwd, '.local/start/addresses.json'), parseAddresses, faults),
  ];
  const all = VARIABLES.extend(variables);
  const given: Record<string, string> = {};
  for (const name of Object.keys(all.shape)) {
    const value = layers.map((layer) => layer[name]?.trim()).find((each) => each);
    if (value !== undefined) given[name] = value;
  }

  const parsed = all.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    const got = SECRET.test(name) ? '' : ` (got "${(given[name] ?? '').slice(0, 100)}")`;
    const what = given[name] === undefined ? 'is missing, give it a value' : issue.message;
    faults.push(`${name}: ${what.replace(', expected', `${got}, expected`)}`);
  }
  const common = VARIABLES.safeParse(given);
  if (common.success) faults.push(...conflicts(common.data, given));
  if (!parsed.success || !common.success || faults.length > 0) throw new SettingsError(faults);
  return { settings: toSettings(common.data), own: parsed.data as OwnSettings<V> };
}

/** As `readAllSettings`, for `main`: says on stderr what is wrong, and exits with 2. */
export function settingsOrExit<V extends OwnVariables>(
  variables: V,
): { readonly settings: Settings; readonly own: OwnSettings<V> } {
  try {
    return readAllSettings(variables, { env: process.env, cwd: process.cwd() });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

/** Not shown in messages. */
const SECRET = /PASSWORD|SECRET|KEY|MYSQL_URL|REDIS_URL/;

/** Every name that is read, its default and what it takes. */
const VARIABLES = z.object({
  KAFKA_BROKERS: addresses().prefault('127.0.0.1:9092'),
  KAFKA_SSL: flag().prefault('false'),
  KAFKA_SSL_CA: pem().optional(),
  KAFKA_SSL_CERT: pem().optional(),
  KAFKA_SSL_KEY: pem().optional(),
  KAFKA_SASL_MECHANISM: text(
    'plain, scram-sha-256 or scram-sha-512',
    oneOf(['plain', 'scram-sha-256', 'scram-sha-512'] as const),
  ).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  SCHEMA_REGISTRY_URL: httpUrl().prefault('http://127.0.0.1:8081'),
  APPLICATION_ID: name().prefault('kafka-alert'),
  STATE_DIR: z.string().prefault('.local/state'),
  GRACE_MS: whole(0, MAX_MS, 'milliseconds, such as 300000').prefault('300000'),
  ALLOWED_LATENESS_MS: whole(0, MAX_MS, 'milliseconds, such as 5000').prefault('5000'),
  RETENTION_MS: whole(1, MAX_MS, 'milliseconds, such as 604800000').prefault('604800000'),
  UNKNOWN_ORDER: flag().prefault('on'),
  ORDER_TOPIC: name().prefault(topics.orderStatusChanged.name),
  PAYMENT_TOPIC: name().prefault(topics.paymentStatusObserved.name),
  ALERT_TOPIC: name().prefault(topics.alertRaised.name),
  RESOLVED_TOPIC: name().prefault(topics.alertResolved.name),
  THREADS: whole(1, 64, 'stream threads, such as 2').prefault('1'),
  STANDBY_REPLICAS: whole(0, 10, 'replicas per task, such as 1').prefault('0'),
  COMMIT_INTERVAL_MS: whole(1, 30_000, 'milliseconds, such as 100').prefault('100'),
  PROCESSING_GUARANTEE: text(`one of ${GUARANTEES.join(', ')}`, oneOf(GUARANTEES)).prefault(
    'exactly_once_v2',
  ),
  HTTP_HOST: z.string().prefault('127.0.0.1'),
  HTTP_PORT: port().prefault('8090'),
  ADVERTISED_ADDRESS: address('host:port, as other instances reach it').optional(),
  LOG_LEVEL: text(`one of ${LOG_LEVELS.join(', ')}`, oneOf(LOG_LEVELS)).prefault('info'),
});

type Variables = z.output<typeof VARIABLES>;

/** What each value alone does not show. */
function conflicts(v: Variables, given: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  if (v.GRACE_MS > v.RETENTION_MS) {
    faults.push(
      `GRACE_MS: is more than RETENTION_MS (got "${String(v.GRACE_MS)}"), expected at most ${String(v.RETENTION_MS)}`,
    );
  }
  const sasl = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'];
  const missing = sasl.filter((each) => given[each] === undefined);
  if (missing.length < sasl.length) {
    for (const each of missing) {
      faults.push(`${each}: is missing, expected together with the other KAFKA_SASL_ settings`);
    }
  }
  for (const each of ['KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY']) {
    if (given[each] !== undefined && !v.KAFKA_SSL) {
      faults.push(`${each}: has no effect without TLS, expected together with KAFKA_SSL=true`);
    }
  }
  const owners = new Map<string, string>();
  for (const each of ['ORDER_TOPIC', 'PAYMENT_TOPIC', 'ALERT_TOPIC', 'RESOLVED_TOPIC'] as const) {
    const owner = owners.get(v[each]);
    if (owner !== undefined) {
      faults.push(`${each}: is the topic of ${owner} (got "${v[each]}"), expected one of its own`);
    }
    owners.set(v[each], each);
  }
  return faults;
}

function toSettings(v: Variables): Settings {
  const { KAFKA_SSL_CA: ca, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key } = v;
  const files = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    kafka: {
      brokers: v.KAFKA_BROKERS,
      ssl: v.KAFKA_SSL && Object.keys(files).length > 0 ? files : v.KAFKA_SSL,
      ...(v.KAFKA_SASL_MECHANISM && {
        sasl: {
          mechanism: v.KAFKA_SASL_MECHANISM,
          username: v.KAFKA_SASL_USERNAME ?? '',
          password: v.KAFKA_SASL_PASSWORD ?? '',
        },
      }),
    },
    schemaRegistryUrl: v.SCHEMA_REGISTRY_URL,
    applicationId: v.APPLICATION_ID,
    stateDir: v.STATE_DIR,
    graceMs: v.GRACE_MS,
    allowedLatenessMs: v.ALLOWED_LATENESS_MS,
    retentionMs: v.RETENTION_MS,
    unknownOrder: v.UNKNOWN_ORDER,
    orderTopic: v.ORDER_TOPIC,
    paymentTopic: v.PAYMENT_TOPIC,
    alertTopic: v.ALERT_TOPIC,
    resolvedTopic: v.RESOLVED_TOPIC,
    commitIntervalMs: v.COMMIT_INTERVAL_MS,
    processingGuarantee: v.PROCESSING_GUARANTEE,
    threads: v.THREADS,
    standbyReplicas: v.STANDBY_REPLICAS,
    httpHost: v.HTTP_HOST,
    httpPort: v.HTTP_PORT,
    ...(v.ADVERTISED_ADDRESS && { advertisedAddress: v.ADVERTISED_ADDRESS }),
    logLevel: v.LOG_LEVEL,
  };
}

type Layer = Readonly<Record<string, string | undefined>>;

function fromFile(path: string, parse: (text: string) => unknown, faults: string[]): Layer {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return {}; // no such file: nothing to read
  }
  try {
    return parse(content) as Layer;
  } catch (error) {
    faults.push(`${path}: can not be used: ${(error as Error).message}`);
    return {};
  }
}

function parseAddresses(content: string): Layer {
  return z.record(z.string(), z.string()).parse(JSON.parse(content));
}
