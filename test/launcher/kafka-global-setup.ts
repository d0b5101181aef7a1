/** One broker, one registry, one database and one Redis for all of `test/kafka`; tests get at them by `inject('addresses')`. */
import type { TestProject } from 'vitest/node';
import { startInfra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { plainReporter } from '../../services/launcher/report.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** KAFKA_BROKERS, SCHEMA_REGISTRY_URL, MYSQL_URL and REDIS_URL. */
    addresses: Record<string, string>;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = plainReporter((line) => process.stderr.write(`${line}\n`));
  const infra = await startInfra({
    dataDir: testFolder(),
    components: ['kafka', 'registry', 'mysql', 'redis'],
    temporary: true,
    // The run's last words are to be the runner's summary.
    report: (event) => event.state.startsWith('stop') || say(event),
  });
  project.provide('addresses', infra.addresses);
  return () => infra.stop();
}
