import { parseArgs } from 'node:util';
import { COMPONENTS, type Component } from './infra/types.ts';

/** What `npm start` and `npm run infra` can be told. */
export interface LauncherOptions {
  mode: 'auto' | 'docker' | 'native';
  components: readonly Component[];
  kafkaBrokers: number;
  /** Where to keep data; undefined: where the command keeps it. */
  dataDir: string | undefined;
  help: boolean;
}

/** Each is a process with a few hundred megabytes. */
const MOST_BROKERS = 9;

/** The command line is wrong; the message says what is right. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the command line. @throws {UsageError} */
export function parseOptions(args: readonly string[], { only = false } = {}): LauncherOptions {
  const values = parse(args);
  if (values.docker && values.native)
    throw new UsageError('--docker and --native exclude each other.');
  if (!only && values.only !== undefined) {
    throw new UsageError('--only is for `npm run infra`: the services need all components.');
  }
  if (!only && values.brokers !== undefined)
    throw new UsageError('--brokers is for `npm run infra`.');
  const kafkaBrokers = values.brokers === undefined ? 1 : parseBrokers(values.brokers);
  if (values.docker && kafkaBrokers > 1)
    throw new UsageError('--docker has one broker; several run as processes (--native).');
  return {
    mode: values.docker ? 'docker' : values.native ? 'native' : 'auto',
    components: values.only === undefined ? COMPONENTS : parseComponents(values.only),
    kafkaBrokers,
    dataDir: values.data,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        docker: { type: 'boolean' },
        native: { type: 'boolean' },
        only: { type: 'string' },
        brokers: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseBrokers(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MOST_BROKERS)
    throw new UsageError(`--brokers takes a number from 1 to ${MOST_BROKERS}, not '${text}'.`);
  return count;
}

function parseComponents(list: string): Component[] {
  const names = list.split(',').map((name) => name.trim());
  const known = COMPONENTS.filter((component) => names.includes(component));
  const unknown = names.filter((name) => !COMPONENTS.some((component) => component === name));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only does not know '${unknown.join("', '")}'; it knows ${COMPONENTS.join(', ')}.`,
    );
  }
  return known;
}
