/** `node services/search-indexer/rebuild-main.ts products`: builds a search index anew. */
import { Command, CommanderError, Option } from 'commander';
import {
  createLogger,
  INDEX_NAMES,
  openSearchClient,
  readAllSettings,
  readToEnd,
  SettingsError,
  type IndexName,
} from '#kit';
import { SchemaRegistry } from '#schemas';
import { projectionsFor } from './projections.ts';
import { rebuild, type RebuildSummary } from './rebuild.ts';
import { indexerVariables } from './settings.ts';

const HELP = `
What is searched stays as it is until the new index is complete; the indexer may run meanwhile. Progress is on stderr, what
was done on stdout as one JSON object.

Settings come from the environment, .env, or a running npm start: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, ELASTICSEARCH_URL.
Exit codes: 0 done, 1 not done and nothing changed, 2 wrong use.`;
const TIMEOUT_MS = 30_000;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort(new Error('interrupted')));
}
process.exitCode = await main(process.argv);

async function main(args: readonly string[]): Promise<number> {
  const program = new Command('rebuild-main.ts')
    .description('Builds a search index anew from its topics, beside the one that is searched.')
    .argument('<index>', INDEX_NAMES.join(', '))
    .option('--replace', 'delete an index that a killed rebuild has left', false)
    .option('--accept-refused', 'switch though the search engine refuses events', false)
    .addOption(new Option('--quiet', 'no progress').default(false))
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help says how)')
    .exitOverride();
  try {
    program.parse(args);
    const [name = ''] = program.args;
    if (!isIndexName(name))
      program.error(`error: there is no index '${name}': it is one of ${INDEX_NAMES.join(', ')}`);
    const summary = await run(name as IndexName, program.opts<Options>());
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`rebuild: ${(error as Error).message}\n`);
    return error instanceof SettingsError ? 2 : 1;
  }
}

interface Options {
  readonly replace: boolean;
  readonly acceptRefused: boolean;
  readonly quiet: boolean;
}

async function run(name: IndexName, options: Options): Promise<RebuildSummary> {
  const sources = { env: process.env, cwd: process.cwd() };
  const { settings, own } = readAllSettings(indexerVariables, sources);
  const projection = projectionsFor(settings)[name];
  const client = await openSearchClient(own.ELASTICSEARCH_URL, { timeoutMs: TIMEOUT_MS });
  try {
    return await rebuild({
      client,
      projection,
      replace: options.replace,
      acceptRefused: options.acceptRefused,
      signal: stopping.signal,
      report: (line) => options.quiet || process.stderr.write(`${line}\n`),
      read: (reader) =>
        readToEnd({
          kafka: settings.kafka,
          schemas: new SchemaRegistry({ url: settings.schemaRegistryUrl }),
          clientId: `search-rebuild-${name}`,
          topics: projection.sources.map(({ topic }) => topic),
          logger: createLogger({ name: 'search-rebuild', level: 'silent' }),
          signal: stopping.signal,
          ...reader,
        }),
    });
  } finally {
    await client.close();
  }
}

function isIndexName(name: string): name is IndexName {
  return (INDEX_NAMES as readonly string[]).includes(name);
}
