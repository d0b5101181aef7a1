/** The infrastructure's one front: the same components, in containers or as processes. */
import { chooseMode } from './infra/mode.ts';
import { startDocker } from './infra/docker/docker-infra.ts';
import { startNative } from './infra/native/native-infra.ts';
import { COMPONENTS } from './infra/types.ts';
import type { Infra, InfraOptions } from './infra/infra-options.ts';

export type { Infra, InfraOptions } from './infra/infra-options.ts';
export { MissingTools, StartFailed } from './infra/errors.ts';
export {
  COMPONENTS,
  type Component,
  type NodeName,
  type Progress,
  type Report,
} from './infra/types.ts';

/**
 * Starts the components, all at once, and resolves when every one of them answers.
 *
 * @example
 * const infra = await startInfra({ dataDir, components: ['kafka', 'registry'], temporary: true });
 * const kafka = new Kafka({ brokers: [infra.addresses['KAFKA_BROKERS']!] });
 * await infra.stop();
 *
 * @throws {StartFailed} with the component's last log lines; nothing is left running
 * @throws {MissingTools} naming what is missing on the machine and how to install it
 */
export async function startInfra(options: InfraOptions): Promise<Infra> {
  const full: Required<InfraOptions> = {
    components: COMPONENTS,
    kafkaBrokers: 1,
    ports: 'free',
    temporary: false,
    purpose: 'test',
    mode: 'auto',
    overrides: {},
    report: () => undefined,
    ...options,
  };
  const isCluster = full.kafkaBrokers > 1;
  if (isCluster && full.mode === 'docker')
    throw new Error('Several Kafka brokers run as processes only: ask for the native form.');
  const mode = full.mode === 'auto' ? (isCluster ? 'native' : await chooseMode()) : full.mode;
  return mode === 'docker' ? startDocker(full) : startNative(full);
}
