import type { Command } from 'commander';
import {
  createLogger,
  openDeadLetters,
  readSettings,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetters,
} from '#kit';
import { deadLetterHead, deadLetterLine, deadLetterRow, placeOf } from './dead-letter-rows.ts';
import { parseInstant } from './instants.ts';
import { paint, UsageError, type ExitCode, type Io } from './io.ts';

export interface DeadLetterOptions {
  readonly requeue?: boolean;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly topic?: string;
  readonly from?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

export function deadLettersCommand(
  program: Command,
  act: (run: (io: Io) => Promise<ExitCode>) => void,
) {
  program
    .command('dead-letters')
    .summary('records that could not be processed: lists them, and sends them back')
    .description(
      'Lists the records that could not be processed and were not sent back yet, with the reason. With --requeue sends them back to the topics they came from, each once, however often it is interrupted.',
    )
    .option('--requeue', 'send them back; the header __streams.requeue.attempts counts how often')
    .option('--dry-run', 'with --requeue: show what would be sent back, and send nothing')
    .option('--reason <text>', 'only those whose reason has this in it, in upper or lower case')
    .option('--topic <topic>', 'only those from this topic')
    .option('--from <instant>', 'only those written from then on: earliest, ISO or ms', 'earliest')
    .option('--limit <count>', 'at most so many')
    .option('--json', 'one JSON object a line, as it is anyway when stdout is no terminal')
    .addHelpText(
      'after',
      `
Exit code 1: some can not be sent back; they stay, and stderr says why.

Examples:
  $ kafka-alert dead-letters
  $ kafka-alert dead-letters --topic order-status-changed --json | jq -r .reason | sort | uniq -c
  $ kafka-alert dead-letters --requeue --reason "no schema" --dry-run
  $ kafka-alert dead-letters --requeue --from 2024-02-01T12:00:00Z --limit 100`,
    )
    .action((options: DeadLetterOptions) => {
      act((io) => deadLetters(options, io));
    });
}

/** Lists or sends back; 1 when some of those that are meant can't be sent back. */
export async function deadLetters(options: DeadLetterOptions, io: Io): Promise<ExitCode> {
  const filter = parseFilter(options);
  if (options.dryRun && !options.requeue)
    throw new UsageError('--dry-run: is for --requeue; without it nothing is sent anyway');
  const logger = createLogger({ name: 'kafka-alert', level: 'silent' });
  const letters = await openDeadLetters(readSettings(io), logger);
  const printer = new DeadLetterPrinter(options, io);
  try {
    return options.requeue && !options.dryRun
      ? await requeue(letters, filter, printer, io)
      : await list(letters, filter, printer, io, options);
  } finally {
    await letters.close();
  }
}

async function list(
  letters: DeadLetters,
  filter: DeadLetterFilter,
  printer: DeadLetterPrinter,
  io: Io,
  { dryRun }: DeadLetterOptions,
): Promise<ExitCode> {
  let count = 0;
  for await (const letter of letters.open(filter)) {
    io.interrupted.throwIfAborted();
    printer.print(letter);
    count++;
  }
  if (dryRun) io.stderr.write(`${String(count)} would be sent back\n`);
  else if (io.stderr.isTTY) io.stderr.write(`${String(count)} dead letter(s)\n`);
  return 0;
}

async function requeue(
  letters: DeadLetters,
  filter: DeadLetterFilter,
  printer: DeadLetterPrinter,
  io: Io,
): Promise<ExitCode> {
  let stayed = 0;
  const count = await letters.requeue({
    ...filter,
    signal: io.interrupted,
    onRequeued: (letter) => {
      printer.print(letter);
    },
    onUnreturnable: (letter, why) => {
      stayed++;
      io.stderr.write(`stays: ${placeOf(letter)}: ${why}\n`);
    },
  });
  io.stderr.write(`${String(count)} sent back${stayed > 0 ? `, ${String(stayed)} stay` : ''}\n`);
  io.interrupted.throwIfAborted();
  return stayed > 0 ? 1 : 0;
}

/** Dead letters as rows of a table for people, or as lines of JSON. */
export class DeadLetterPrinter {
  readonly #options: DeadLetterOptions;
  readonly #io: Io;
  readonly #paint: ReturnType<typeof paint>;
  #headed = false;

  constructor(options: DeadLetterOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#paint = paint(io, io.stdout);
  }

  print(letter: DeadLetter): void {
    const { stdout } = this.#io;
    if (this.#options.json || !stdout.isTTY) {
      stdout.write(`${deadLetterLine(letter)}\n`);
      return;
    }
    if (!this.#headed) stdout.write(`${deadLetterHead(this.#paint)}\n`);
    this.#headed = true;
    stdout.write(`${deadLetterRow(letter, this.#paint)}\n`);
  }
}

function parseFilter({ reason, topic, from, limit }: DeadLetterOptions): DeadLetterFilter {
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit))
    throw new UsageError(`--limit: "${limit}" is no whole number from 1 to 999999999`);
  return {
    reason,
    topic,
    from: parseInstant('--from', from ?? 'earliest', { earliest: 0 }),
    limit: limit === undefined ? undefined : Number(limit),
  };
}
