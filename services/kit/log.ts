import { logLevel as KafkaLogLevel, type LogEntry, type logCreator } from 'kafkajs';
import { pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { LogLevel } from './settings.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: LogLevel;
  /** The process's name in every line. */
  readonly name: string;
  /** Default: stderr, since stdout is for output; as JSON, or for people when it is a terminal. */
  readonly destination?: DestinationStream;
}

/**
 * A logger that writes one JSON object a line.
 *
 * @example
 * const logger = createLogger({ name: 'kafka-alert', level: 'info' });
 * logger.info({ partition: 3 }, 'task started');
 */
export function createLogger(options: LogOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: pino.stdSerializers.err },
      redact: ['password', '*.password', '*.authorization'],
    },
    options.destination ?? stderr(),
  );
}

/** Synchronous: the last lines before an exit are the ones that matter. */
function stderr(): DestinationStream {
  return process.stderr.isTTY
    ? PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname,name' })
    : pino.destination({ fd: 2, sync: true });
}

/**
 * Passes the Kafka client's own log lines on, a step lower than it means them: what it calls an error is mostly one
 * attempt of many, and whoever made the call hears of it.
 */
export function kafkaLogs(logger: Logger): { logLevel: KafkaLogLevel; logCreator: logCreator } {
  return {
    logLevel: logger.isLevelEnabled('trace')
      ? KafkaLogLevel.DEBUG
      : logger.isLevelEnabled('debug')
        ? KafkaLogLevel.INFO
        : KafkaLogLevel.WARN,
    logCreator: () => (entry) => {
      logger[levelOf(entry)](fieldsOf(entry), `kafka client: ${entry.log.message}`);
    },
  };
}

function levelOf(entry: LogEntry): 'warn' | 'debug' | 'trace' {
  switch (entry.level) {
    case KafkaLogLevel.NOTHING:
    case KafkaLogLevel.ERROR:
    case KafkaLogLevel.WARN:
      return 'warn';
    case KafkaLogLevel.INFO:
      return 'debug';
    case KafkaLogLevel.DEBUG:
      return 'trace';
  }
}

/** What pino adds by itself, or says already. */
const OWN = new Set(['timestamp', 'message', 'logger']);

function fieldsOf({ namespace, log }: LogEntry): Record<string, unknown> {
  const fields = Object.entries(log).filter(([name]) => !OWN.has(name));
  return { part: namespace, ...Object.fromEntries(fields) };
}
