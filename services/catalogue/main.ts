/** The command that publishes the catalogue: `node services/catalogue/main.ts`. */
import { Command, CommanderError } from 'commander';
import { readSettings, SettingsError } from '#kit';
import { importCatalogue } from './import.ts';
import type { ImportPlan } from './import-plan.ts';
import { CatalogueError, readCatalogue } from './products.ts';

/** What the command has of the outside, so that tests can be the outside. */
export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Wall clock, epoch ms. */
  readonly now: () => number;
}

/** How many of each; on stdout as one line of JSON. */
export type ImportSummary = { readonly [part in keyof ImportPlan]: number };

const HELP = `
Settings are those of the services: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, …, from the environment, .env, or a running
npm start. Topics and schemas that are missing are made.

Examples:
  $ node services/catalogue/main.ts
  $ node services/catalogue/main.ts --dry-run
  $ KAFKA_BROKERS=kafka:9092 SCHEMA_REGISTRY_URL=http://registry:8081 node services/catalogue/main.ts | jq .listed

Exit codes: 0 done, 1 not done, 2 wrong use or bad data.`;

/**
 * Runs one command line; answers the exit code.
 *
 * @param args what follows the program's name
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const program = new Command('catalogue')
    .description(
      'Publishes the products of services/catalogue/products, and their first stock. What is published already is left as it is, so that it can be run at any time.',
    )
    .option('--dry-run', 'says what would be published, and publishes nothing')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help says how)')
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .exitOverride();
  try {
    const { dryRun = false } = program
      .parse(args, { from: 'user' })
      .opts<{ readonly dryRun?: boolean }>();
    const { products } = readCatalogue();
    const plan = await importCatalogue({
      settings: readSettings(io),
      products,
      dryRun,
      now: io.now,
      report: (line) => {
        io.stderr.write(`${line}\n`);
      },
    });
    io.stdout.write(`${JSON.stringify(summaryOf(plan))}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.stderr.write(`catalogue: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof SettingsError || error instanceof CatalogueError ? 2 : 1;
  }
}

function summaryOf(plan: ImportPlan): ImportSummary {
  return {
    listed: plan.listed.length,
    changed: plan.changed.length,
    delisted: plan.delisted.length,
    unchanged: plan.unchanged,
    restocked: plan.restocked.length,
  };
}

if (import.meta.main) {
  const { stdout, stderr, env } = process;
  const io = { stdout, stderr, env, cwd: process.cwd(), now: Date.now };
  process.exitCode = await main(process.argv.slice(2), io);
}
