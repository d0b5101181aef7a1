import { readAllSettings, variables, type Settings } from '#kit';
import { UsageError, type Io } from './io.ts';

const own = { KAFKA_ALERT_URL: variables.httpUrl().optional() };
const DEFAULT_PORT = 8090;

/**
 * The settings, and where a running kafka-alert answers: as the option has it, else `KAFKA_ALERT_URL` (which a running
 * `npm start` sets), else where `kafka-alert run` listens under these settings.
 *
 * @throws {UsageError} when the option is no address
 */
export function readServiceUrl(
  option: string | undefined,
  io: Io,
): { readonly settings: Settings; readonly url: string } {
  const read = readAllSettings(own, io);
  const { settings } = read;
  const port = settings.httpPort || DEFAULT_PORT;
  const found = option ?? read.own.KAFKA_ALERT_URL ?? `http://${settings.httpHost}:${String(port)}`;
  const protocol = URL.parse(found)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new UsageError(`--url: "${found}" is no http(s) address, such as http://127.0.0.1:8090`);
  return { settings, url: found.replace(/\/+$/, '') };
}
