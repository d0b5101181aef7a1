import { createLogger, createPublisher, readSettings, StreamsGroup, type Settings } from '#kit';
import { renamed, SchemaRegistry, topics, type AlertRaised } from '#schemas';
import { printAlerts } from './alert-lines.ts';
import { parseRange, type RangeOptions } from './event-range.ts';
import { UsageError, type ExitCode, type Io } from './io.ts';
import { replayRange } from './replay-range.ts';

export interface TopicsReplayOptions extends RangeOptions {
  readonly publish?: string;
  readonly resolved?: boolean;
  readonly progress?: boolean;
}

/** At once; more make requests too large. */
const PUBLISHED_AT_ONCE = 500;

/** Replays a range of the topics; prints, and publishes, what was detected in it. */
export async function replayTopics(options: TopicsReplayOptions, io: Io): Promise<ExitCode> {
  const range = parseRange(options, io);
  const settings = readSettings(io);
  const { publish, progress, resolved } = options;
  if (publish !== undefined) await checkTarget(publish, settings);

  const { alerts, resolutions } = await replayRange(range, settings, io, { progress });
  const isIn = (instant: number) => range.from <= instant && instant <= range.to;
  const found = alerts.filter(({ detectedAt }) => isIn(detectedAt));
  if (publish !== undefined) await publishAlerts(found, publish, settings, io);
  printAlerts(found, resolved ? resolutions.filter((r) => isIn(r.resolvedAt)) : undefined, io);
  if (publish !== undefined || io.stderr.isTTY) {
    const where = publish === undefined ? '' : ` and published to ${publish}`;
    io.stderr.write(`${String(found.length)} alert(s) detected in the range${where}\n`);
  }
  return 0;
}

async function checkTarget(target: string, settings: Settings): Promise<void> {
  const { orderTopic, paymentTopic, alertTopic, resolvedTopic } = settings;
  if ([orderTopic, paymentTopic, alertTopic, resolvedTopic].includes(target))
    throw new UsageError(`--publish: "${target}" is a topic of the service: name one of your own`);
  const logger = createLogger({ name: 'kafka-alert', level: 'silent' });
  await using group = await StreamsGroup.open(settings, 'kafka-alert-replay', logger);
  if (!(await group.admin.listTopics()).includes(target))
    throw new UsageError(`--publish: there is no topic "${target}": create it first`);
}

/** Only once all is known: a replay that is interrupted has written nothing. */
async function publishAlerts(
  alerts: readonly AlertRaised[],
  target: string,
  { kafka, schemaRegistryUrl }: Settings,
  io: Io,
): Promise<void> {
  const publisher = createPublisher({
    kafka,
    schemas: new SchemaRegistry({ url: schemaRegistryUrl }),
    clientId: 'kafka-alert-replay',
    logger: createLogger({ name: 'kafka-alert', level: 'silent' }),
  });
  const topic = renamed(topics.alertRaised, target);
  try {
    for (let i = 0; i < alerts.length; i += PUBLISHED_AT_ONCE) {
      io.interrupted.throwIfAborted();
      const some = alerts.slice(i, i + PUBLISHED_AT_ONCE);
      await publisher.publish(some.map((value) => ({ topic, value })));
    }
  } finally {
    await publisher.close();
  }
}
