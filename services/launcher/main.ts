import { UsageError } from './options.ts';

/**
 * Runs a command's body: what it throws is said on stderr without a stack, for the words are meant to
 * be enough. Exit code 2 for wrong use, 1 for a failure.
 */
export async function main(body: () => Promise<void>): Promise<void> {
  try {
    await body();
    process.exit(0);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\nkafka-alert: ${text}\n`);
    if (process.env['LAUNCHER_DEBUG']) console.error(error);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}
