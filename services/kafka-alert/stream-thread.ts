/** What runs in each stream thread of kafka-alert: a worker of `ThreadedStreams`. */
import { createLogger } from '#kit';
import { SchemaRegistry } from '#schemas';
import type { CreateStreams } from '#streams';
import { alertStreams, registerOutputs, type ThreadData } from './streams.ts';

const create: CreateStreams<ThreadData> = async (data, { identity, signal }) => {
  const { settings } = data;
  const logger = createLogger({ name: 'kafka-alert', level: settings.logLevel }).child({
    thread: identity.thread,
  });
  const schemas = new SchemaRegistry({ url: settings.schemaRegistryUrl });
  await registerOutputs(settings, schemas, (line) => logger.debug(line), signal);
  return alertStreams(data, schemas, identity, logger);
};

export default create;
