import type { Command } from 'commander';
import type { OrderReport } from '#topology/kafka-alert';
import { printReport, type AnsweredBy } from './explain-view.ts';
import { UsageError, type ExitCode, type Io } from './io.ts';
import { orderFromTopics } from './order-from-topics.ts';
import { readServiceUrl } from './service-url.ts';
import { printable } from './text.ts';

export interface ExplainOptions {
  readonly url?: string;
  readonly fromTopics?: boolean;
  readonly allowStale?: boolean;
  readonly json?: boolean;
}

export function explainCommand(
  program: Command,
  act: (run: (io: Io) => Promise<ExitCode>) => void,
) {
  program
    .command('explain')
    .argument('<orderNo>', 'the order')
    .summary("an order's life, and why there were alerts or none")
    .description(
      "Shows an order's life in event time: its changes, the payments observed, every evaluation of the rules with its outcome and the reason, resolutions, and what is still to come. The instance that owns the order answers, whichever is asked.",
    )
    .option('--url <url>', 'a running kafka-alert (default: KAFKA_ALERT_URL, or where it listens)')
    .option('--allow-stale', 'a replica may answer while the owner can not')
    .option(
      '--from-topics',
      'replay the order from the topics, when the service is not running or has forgotten it',
    )
    .option('--json', 'the whole report as one JSON object')
    .addHelpText(
      'after',
      `
The state of an order is kept for RETENTION_MS after its last record; the topics keep it for ever. --from-topics needs the
settings of the service (GRACE_MS, RETENTION_MS, UNKNOWN_ORDER, ALLOWED_LATENESS_MS), and reads one partition of each input.

Exit code 1: nothing is known of the order, or nobody answers.

Examples:
  $ kafka-alert explain ORD-20240201-000123
  $ kafka-alert explain ORD-20240201-000123 --from-topics
  $ kafka-alert explain ORD-20240201-000123 --url http://alerts-2:8090 --json | jq '.timelines[].evaluations'`,
    )
    .action((orderNo: string, options: ExplainOptions) => {
      act((io) => explain(orderNo, options, io));
    });
}

/** Explains one order; 1 when there is nothing to explain. */
export async function explain(orderNo: string, options: ExplainOptions, io: Io): Promise<ExitCode> {
  // As the service's endpoint has it.
  if (orderNo === '' || orderNo.length > 200 || /\p{Cc}/u.test(orderNo))
    throw new UsageError(`"${printable(orderNo.slice(0, 60))}" is no order number`);
  if (options.fromTopics && (options.allowStale || options.url !== undefined))
    throw new UsageError('--from-topics: asks no service, so --url and --allow-stale say nothing');
  const { settings, url } = readServiceUrl(options.url, io);
  const report = options.fromTopics
    ? await orderFromTopics(orderNo, settings, io)
    : await ask(url, orderNo, options, io);
  if (report === undefined) {
    io.stderr.write(
      options.fromTopics
        ? `kafka-alert: no record of order ${orderNo} in ${settings.orderTopic} and ${settings.paymentTopic}\n`
        : `kafka-alert: nothing is known of order ${orderNo} at ${url}; if it is older than the retention, --from-topics finds it\n`,
    );
    return 1;
  }
  if (options.json) io.stdout.write(`${JSON.stringify(report)}\n`);
  else printReport(report, io);
  return 0;
}

type Answer = OrderReport & { readonly answeredBy: AnsweredBy };

/** @returns undefined when nothing is known of it */
async function ask(
  url: string,
  orderNo: string,
  { allowStale = false }: ExplainOptions,
  io: Io,
): Promise<Answer | undefined> {
  const query = allowStale ? '?allowStale=true' : '';
  const answer = await get(`${url}/state/orders/${encodeURIComponent(orderNo)}${query}`, url, io);
  if (answer.status === 404 && (await isProblem(answer))) return undefined;
  if (!answer.ok) {
    const { detail } = (await answer.json().catch(() => ({}))) as { detail?: string };
    const hint = answer.status === 503 && !allowStale ? '; try again, or --allow-stale' : '';
    throw new Error(
      `${url} answers ${String(answer.status)}: ${detail ?? answer.statusText}${hint}`,
    );
  }
  const report = (await answer.json().catch(() => undefined)) as Partial<Answer> | undefined;
  if (report?.timelines?.[0]?.evaluations === undefined)
    throw new Error(
      `${url} answers, but not as a kafka-alert of this version does: is it one (--url)?`,
    );
  return report as Answer;
}

const PATIENCE_MS = 10_000;

async function get(url: string, service: string, io: Io): Promise<Response> {
  try {
    const signal = AbortSignal.any([io.interrupted, AbortSignal.timeout(PATIENCE_MS)]);
    return await fetch(url, { signal });
  } catch (error) {
    const { cause, message } = error as Error;
    const why =
      cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message;
    throw new Error(
      `no kafka-alert answers at ${service} (--url, KAFKA_ALERT_URL): ${String(why)}; --from-topics needs none`,
      { cause: error },
    );
  }
}

/** Another server's 404 is about its pages. */
function isProblem(answer: Response): Promise<boolean> {
  return Promise.resolve(answer.headers.get('content-type')?.includes('problem+json') ?? false);
}
