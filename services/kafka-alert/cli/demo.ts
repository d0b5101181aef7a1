import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { Kafka, Partitioners, type Producer } from 'kafkajs';
import { createLogger, follow, kafkaConfig, readSettings, type Settings } from '#kit';
import { renamed, SchemaRegistry, topics, type AlertRaised, type AvroTopic } from '#schemas';
import { alertRow, tableHead } from './alert-table.ts';
import { demoOrders, type DemoOrders } from './demo-orders.ts';
import { paint, UsageError, type ExitCode, type Io } from './io.ts';
import { contactTeller, interruption } from './tail.ts';

export interface DemoOptions {
  readonly timeout?: string;
}

const DEFAULT_TIMEOUT_S = '60';
/** Between orders and their payments: the service should have read the former. */
const BETWEEN_TOPICS_MS = 1_000;
const PROGRESS_MS = 5_000;

export function demoCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('demo')
    .summary('publishes orders that break every rule, and shows the alerts')
    .description(
      'Publishes a handful of orders, with event times far enough back that each rule fires at once (and healthy ones), and shows the alerts of these orders as they arrive. Ends when every rule has fired. Needs a running kafka-alert.',
    )
    .option('--timeout <seconds>', 'how long to wait for the alerts', DEFAULT_TIMEOUT_S)
    .addHelpText(
      'after',
      `
Examples:
  $ kafka-alert demo
  $ kafka-alert demo --timeout 10 && echo "alerts work"`,
    )
    .action((options: DemoOptions) => {
      act((io) => demo(options, io));
    });
}

/** Publishes the demo's orders and waits for their alerts; 1 when some are missing in the end. */
export async function demo(options: DemoOptions, io: Io): Promise<ExitCode> {
  const timeoutMs = 1000 * parseSeconds(options.timeout ?? DEFAULT_TIMEOUT_S);
  const settings = readSettings(io);
  const registry = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const run = io.now().toString(36).toUpperCase();
  const orders = demoOrders(run, io.now(), settings);
  const watch = new AlertWatch(orders, io);

  const raised = renamed(topics.alertRaised, settings.alertTopic);
  const following = await follow({
    kafka: settings.kafka,
    clientId: 'kafka-alert-demo',
    from: 'latest',
    topics: [
      {
        name: raised.name,
        serde: registry.serde(raised),
        onValue: (alert: AlertRaised) => {
          watch.see(alert);
        },
      },
    ],
    onBad: (problem) => io.stderr.write(`left out: ${problem}\n`),
    onContact: contactTeller(io),
    logger: createLogger({ name: 'kafka-alert', level: 'silent' }),
  });
  const over = new AbortController();
  try {
    await publish(orders, settings, registry, io);
    await Promise.race([
      watch.complete,
      following.failed,
      interruption(io.interrupted),
      patience(watch, timeoutMs, io, over.signal),
    ]);
  } finally {
    over.abort();
    await following.stop();
  }
  io.interrupted.throwIfAborted();
  return conclude(watch, settings, io);
}

/** Which of the alerts that must come have come. */
export class AlertWatch {
  readonly complete: Promise<void>;
  readonly #io: Io;
  readonly #paint: ReturnType<typeof paint>;
  readonly #demo: Pick<DemoOrders, 'prefix' | 'expected'>;
  readonly #missing: Map<string, string>;
  readonly #complete: () => void;
  #seen = 0;

  constructor(demo: Pick<DemoOrders, 'prefix' | 'expected'>, io: Io) {
    this.#io = io;
    this.#paint = paint(io, io.stdout);
    this.#demo = demo;
    this.#missing = new Map(demo.expected);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.complete = promise;
    this.#complete = () => {
      resolve(undefined);
    };
  }

  /** `RULE_A (order ORD-…)` for each that has not come. */
  get missing(): string[] {
    return [...this.#missing].map(([orderNo, ruleId]) => `${ruleId} (order ${orderNo})`);
  }

  /** Shows the alert when it is one of ours. */
  see(alert: AlertRaised): void {
    if (!alert.orderNo.startsWith(this.#demo.prefix)) return;
    if (this.#seen++ === 0) this.#io.stdout.write(`${tableHead(this.#paint)}\n`);
    this.#io.stdout.write(`${alertRow(alert, this.#paint)}\n`);
    if (this.#missing.get(alert.orderNo) === alert.ruleId) this.#missing.delete(alert.orderNo);
    if (this.#missing.size === 0) this.#complete();
  }
}

async function publish(
  demo: DemoOrders,
  settings: Settings,
  registry: SchemaRegistry,
  io: Io,
): Promise<void> {
  const orders = renamed(topics.orderStatusChanged, settings.orderTopic);
  const payments = renamed(topics.paymentStatusObserved, settings.paymentTopic);
  await Promise.all([registry.register(orders), registry.register(payments)]);
  const logger = createLogger({ name: 'kafka-alert', level: 'silent' });
  const config = kafkaConfig(settings.kafka, 'kafka-alert-demo', logger);
  const producer = new Kafka(config).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner, // murmur2, as Java's
    retry: config.retry ?? {},
  });
  await producer.connect();
  try {
    await send(producer, registry, orders, demo.orders);
    await delay(BETWEEN_TOPICS_MS, undefined, { signal: io.interrupted });
    await send(producer, registry, payments, demo.payments);
    const healthy = demo.healthy(io.now());
    await Promise.all([
      send(producer, registry, payments, healthy.payments),
      send(producer, registry, orders, healthy.orders),
    ]);
  } finally {
    await producer.disconnect();
  }
  io.stderr.write(
    `published ${String(demo.expected.size)} orders that break a rule each, and healthy ones; waiting for the alerts\n`,
  );
}

async function send<V>(
  producer: Producer,
  registry: SchemaRegistry,
  topic: AvroTopic<V>,
  values: readonly V[],
): Promise<void> {
  const serde = registry.serde(topic);
  await producer.send({
    topic: topic.name,
    acks: -1,
    messages: values.map((value) => ({ key: topic.keyOf(value), value: serde.encode(value) })),
  });
}

/** Ends after the timeout; says now and then what is still missing. */
async function patience(
  watch: AlertWatch,
  timeoutMs: number,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const deadline = io.now() + timeoutMs;
  while (!signal.aborted) {
    const leftMs = deadline - io.now();
    if (leftMs <= 0) return;
    if (leftMs < timeoutMs - 1) {
      const seconds = String(Math.ceil(leftMs / 1000));
      io.stderr.write(`waiting for ${watch.missing.join(', ')}; ${seconds} s left\n`);
    }
    await delay(Math.min(leftMs, PROGRESS_MS), undefined, { signal }).catch(() => undefined);
  }
}

function conclude(watch: AlertWatch, settings: Settings, io: Io): ExitCode {
  if (watch.missing.length === 0) {
    io.stderr.write('every rule has fired\n');
    return 0;
  }
  const health = `http://${settings.httpHost}:${String(settings.httpPort)}/actuator/health`;
  io.stderr.write(
    `kafka-alert: no alert came for ${watch.missing.join(', ')}.\n` +
      `Is kafka-alert running (${health})? With the same topics (ORDER_TOPIC, PAYMENT_TOPIC, ALERT_TOPIC) ` +
      'and a GRACE_MS that is not longer than the one here?\n',
  );
  return 1;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds > 0 && seconds <= 86_400)) {
    throw new UsageError(`--timeout: "${text}" is no number of seconds from 1 to 86400`);
  }
  return seconds;
}
