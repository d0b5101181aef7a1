import { Option, type Command } from 'commander';
import { createLogger, follow, readSettings } from '#kit';
import { renamed, SchemaRegistry, topics, type AlertRaised, type AlertResolved } from '#schemas';
import { alertLine, resolutionLine, typedAlertLine } from './alert-lines.ts';
import { alertRow, resolutionRow, tableHead } from './alert-table.ts';
import { parseInstant } from './instants.ts';
import { paint, type ExitCode, type Io } from './io.ts';

export interface TailOptions {
  readonly from?: string;
  readonly rule?: string;
  readonly resolved?: boolean;
  readonly json?: boolean;
}

export function tailCommand(program: Command, act: (run: (io: Io) => Promise<ExitCode>) => void) {
  program
    .command('tail')
    .summary('follows the alerts')
    .description(
      'Shows the alerts as they are published, until Ctrl-C. Reads what is committed, and leaves no consumer group behind.',
    )
    .option('--from <instant>', 'published from when on: earliest, latest, ISO or ms', 'latest')
    .addOption(
      new Option('--rule <rule>', 'only this rule').choices(['RULE_A', 'RULE_B', 'RULE_C']),
    )
    .option('--resolved', 'also the resolutions; every line of JSON then has a type')
    .option('--json', 'one JSON object a line, as it is anyway when stdout is no terminal')
    .addHelpText(
      'after',
      `
Examples:
  $ kafka-alert tail
  $ kafka-alert tail --from earliest --rule RULE_A
  $ kafka-alert tail --from 2024-02-01T12:00:00Z --resolved --json | jq .orderNo`,
    )
    .action((options: TailOptions) => {
      act((io) => tail(options, io));
    });
}

/** Follows the alerts until it is interrupted. */
export async function tail(options: TailOptions, io: Io): Promise<ExitCode> {
  const ends = { earliest: 'earliest', latest: 'latest' } as const;
  const from = parseInstant('--from', options.from ?? 'latest', ends);
  const settings = readSettings(io);
  const registry = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  const raised = renamed(topics.alertRaised, settings.alertTopic);
  const resolved = renamed(topics.alertResolved, settings.resolvedTopic);
  const printer = new AlertPrinter(options, io);

  const following = await follow({
    kafka: settings.kafka,
    clientId: 'kafka-alert-tail',
    from,
    topics: [
      {
        name: raised.name,
        serde: registry.serde(raised),
        onValue: (alert: AlertRaised) => {
          printer.raised(alert);
        },
      },
      ...(options.resolved
        ? [
            {
              name: resolved.name,
              serde: registry.serde(resolved),
              onValue: (resolution: AlertResolved) => {
                printer.resolved(resolution);
              },
            },
          ]
        : []),
    ],
    onBad: (problem) => io.stderr.write(`left out: ${problem}\n`),
    onContact: contactTeller(io),
    logger: createLogger({ name: 'kafka-alert', level: 'silent' }),
  });
  if (io.stderr.isTTY) io.stderr.write(`following ${raised.name}; Ctrl-C ends\n`);
  try {
    await Promise.race([interruption(io.interrupted), following.failed]);
  } finally {
    await following.stop();
  }
  return 0;
}

/** Alerts as rows of a table for people, or as lines of JSON. */
export class AlertPrinter {
  readonly #options: TailOptions;
  readonly #io: Io;
  readonly #paint: ReturnType<typeof paint>;
  #headed = false;

  constructor(options: TailOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#paint = paint(io, io.stdout);
  }

  raised(alert: AlertRaised): void {
    this.#write(
      alert,
      () => (this.#options.resolved ? typedAlertLine(alert) : alertLine(alert)),
      () => alertRow(alert, this.#paint),
    );
  }

  resolved(resolution: AlertResolved): void {
    this.#write(
      resolution,
      () => resolutionLine(resolution),
      () => resolutionRow(resolution, this.#paint),
    );
  }

  #write({ ruleId }: { readonly ruleId: string }, json: () => string, row: () => string): void {
    const { rule } = this.#options;
    if (rule !== undefined && rule !== ruleId) return;
    if (this.#options.json || !this.#io.stdout.isTTY) {
      this.#io.stdout.write(`${json()}\n`);
      return;
    }
    if (!this.#headed) this.#io.stdout.write(`${tableHead(this.#paint)}\n`);
    this.#headed = true;
    this.#io.stdout.write(`${row()}\n`);
  }
}

/** Says on stderr when brokers or registry go away and come back, once each. */
export function contactTeller(io: Io): (problem: string | undefined) => void {
  let told: string | undefined;
  return (problem) => {
    if (problem === told) return;
    if (problem !== undefined) io.stderr.write(`trying again: ${problem}\n`);
    else if (told !== undefined) io.stderr.write('reached again\n');
    told = problem;
  };
}

export function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
