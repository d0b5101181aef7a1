import { Command, CommanderError } from 'commander';
import { SettingsError } from '#kit';
import { deadLettersCommand } from './dead-letters.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { explainCommand } from './explain.ts';
import { UsageError, type ExitCode, type Io } from './io.ts';
import { lagCommand } from './lag.ts';
import { replayCommand } from './replay.ts';
import { resetCommand } from './reset.ts';
import { runCommand } from './run.ts';
import { tailCommand } from './tail.ts';
import { topologyCommand } from './topology.ts';

const HELP = `
Examples:
  $ kafka-alert run
  $ kafka-alert demo
  $ kafka-alert tail --from earliest --rule RULE_A
  $ kafka-alert explain ORD-20240201-000123
  $ kafka-alert replay --file events.jsonl --as-of end
  $ kafka-alert diff --from 2024-02-01T00:00:00Z --to latest
  $ kafka-alert dead-letters --requeue
  $ kafka-alert lag --max-lag 1000

Settings come from the environment, .env, or a running npm start; see the README.
Exit codes: 0 done, 1 the answer is "no", 2 wrong use or bad input.`;

/** The commands; `act` is given what the chosen one does. */
function createProgram(io: Io, act: (run: (io: Io) => Promise<ExitCode>) => void): Command {
  const program = new Command('kafka-alert')
    .description('Alerts on orders and payments that disagree.')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help says how)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .exitOverride();
  const commands = [
    runCommand,
    demoCommand,
    tailCommand,
    explainCommand,
    replayCommand,
    diffCommand,
    deadLettersCommand,
    topologyCommand,
    lagCommand,
    resetCommand,
  ];
  for (const add of commands) add(program, act);
  return program;
}

/**
 * Runs one command line; answers the exit code.
 *
 * @param args what follows the program's name
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let chosen: ((io: Io) => Promise<ExitCode>) | undefined;
  try {
    createProgram(io, (run) => (chosen = run)).parse(args, { from: 'user' });
    return (await chosen?.(io)) ?? 2;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (io.interrupted.aborted) return io.interrupted.reason === STDOUT_CLOSED ? 0 : INTERRUPTED;
    io.stderr.write(`kafka-alert: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError || error instanceof SettingsError ? 2 : 1;
  }
}

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const STDOUT_CLOSED = new Error('nobody reads stdout any more');

/** The real outside. A second Ctrl-C ends the process at once. */
function processIo(): Io {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(INTERRUPTED);
      interrupt.abort();
    });
  }
  // `| head` closes the pipe: that is no failure, but there is no point in going on.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    interrupt.abort(STDOUT_CLOSED);
  });
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
    interrupted: interrupt.signal,
  };
}

// `bin.mjs` imports this file where the Node.js at hand will do, with the arguments as if it had been run.
if (import.meta.main || process.argv[1] === import.meta.filename) {
  process.exitCode = await main(process.argv.slice(2), processIo());
}
