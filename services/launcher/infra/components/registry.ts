import path from 'node:path';
import { baseEnv } from '../base-env.ts';
import { fromMaven } from '../native/maven.ts';
import { httpOk } from '../probes.ts';
import type { ComponentDefinition, Plan } from '../types.ts';

/** Apicurio Registry, spoken to in the protocol of Confluent's registry. */
export const registry: ComponentDefinition = {
  name: 'registry',
  title: 'Schema registry',
  preferredPorts: [18081],

  async plan(context): Promise<Plan> {
    const software = await fromMaven('registry', context);
    const [port = 0] = context.ports;
    const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    return {
      prepare: () => Promise.resolve(),
      launch: {
        file: path.join(context.tools.registryJdk.home, 'bin/java'),
        args: [
          '-Xmx256m',
          '-XX:+UseSerialGC',
          '-XX:TieredStopAtLevel=1',
          '-jar',
          path.join(software, 'quarkus-run.jar'),
        ],
        env: baseEnv({
          QUARKUS_HTTP_HOST: '127.0.0.1',
          QUARKUS_HTTP_PORT: String(port),
          // Its management endpoints would take port 9000 of every interface.
          QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
          QUARKUS_MANAGEMENT_PORT: '0',
          // Schemas are kept in a file and so survive a restart, as the topics that need them do.
          APICURIO_STORAGE_KIND: 'sql',
          APICURIO_STORAGE_SQL_KIND: 'h2',
          // Written through at once: an id that a record carries must survive a crash of the registry.
          APICURIO_DATASOURCE_URL: `jdbc:h2:file:${path.join(context.folder, 'registry')};WRITE_DELAY=0`,
          APICURIO_DATASOURCE_USERNAME: 'sa',
          APICURIO_DATASOURCE_PASSWORD: 'sa',
          ...context.overrides,
        }),
        cwd: context.folder,
        logFile: context.logFile,
      },
      isReady: () => httpOk(`${url}/subjects`),
      addresses: { SCHEMA_REGISTRY_URL: url },
    };
  },
};
