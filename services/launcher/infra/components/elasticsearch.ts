import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cached } from '../../bootstrap/cache.mjs';
import { baseEnv } from '../base-env.ts';
import { fromMaven } from '../native/maven.ts';
import { canEnter, runAs, SHARED_FOLDER, type User } from '../native/run-as.ts';
import { httpOk } from '../probes.ts';
import type { ComponentContext, ComponentDefinition, Plan } from '../types.ts';

/** One Elasticsearch node. It refuses to be root: then it is `nobody`, and its files are nobody's. */
export const elasticsearch: ComponentDefinition = {
  name: 'elasticsearch',
  title: 'Elasticsearch',
  preferredPorts: [19200, 19300],

  async plan(context): Promise<Plan> {
    const user = runAs();
    const home = await softwareFor(user, context);
    const folder = dataFolderFor(user, context);
    const [port = 0] = context.ports;
    return {
      async prepare() {
        rmSync(path.join(folder, 'tmp'), { recursive: true, force: true });
        for (const each of ['config', 'data', 'logs', 'tmp']) {
          mkdirSync(path.join(folder, each), { recursive: true });
        }
        const config = path.join(folder, 'config');
        const settings = Object.entries(elasticsearchSettings(context, folder));
        // JSON is YAML: no value needs to be quoted by hand.
        const yaml = settings.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('');
        writeFileSync(path.join(config, 'elasticsearch.yml'), yaml);
        writeFileSync(path.join(config, 'jvm.options'), jvmOptions(context));
        cpSync(path.join(home, 'config/log4j2.properties'), path.join(config, 'log4j2.properties'));
        if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
        return Promise.resolve();
      },
      launch: {
        file: path.join(home, 'bin/elasticsearch'),
        args: [],
        env: baseEnv({
          ES_JAVA_HOME: context.tools.elasticsearchJdk.home,
          ES_PATH_CONF: path.join(folder, 'config'),
          ES_TMPDIR: path.join(folder, 'tmp'),
          CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1',
          HOME: folder,
        }),
        cwd: folder,
        logFile: context.logFile,
        ...user,
      },
      isReady: () => httpOk(`http://127.0.0.1:${port}/_cluster/health`),
      addresses: { ELASTICSEARCH_URL: `http://127.0.0.1:${port}` },
    };
  },
};

function elasticsearchSettings(context: ComponentContext, folder: string): Record<string, string> {
  const [port = 0, transportPort = 0] = context.ports;
  return {
    'cluster.name': 'kafka-alert',
    'node.name': 'node-1',
    'path.data': path.join(folder, 'data'),
    'path.logs': path.join(folder, 'logs'),
    'network.host': '127.0.0.1',
    'http.port': String(port),
    'transport.port': String(transportPort),
    'discovery.type': 'single-node',
    'xpack.security.enabled': 'false',
    // On a disk that is nearly full it would refuse to write, and this is no place to keep data safe.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...context.overrides,
  };
}

function jvmOptions({ purpose }: ComponentContext): string {
  const quick = purpose === 'test' ? ['-XX:TieredStopAtLevel=1'] : [];
  return [
    '-Xms512m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-Djava.io.tmpdir=${ES_TMPDIR}',
    '-XX:+ExitOnOutOfMemoryError',
    '20-:--add-modules=jdk.incubator.vector',
    ...quick,
    '',
  ].join('\n');
}

/** The cache's copy, or, where that user can't read it (root's home is closed), one of its own. */
async function softwareFor(user: User | undefined, context: ComponentContext): Promise<string> {
  const folder = await fromMaven('elasticsearch', context);
  const [version = ''] = readdirSync(folder);
  if (!user || canEnter(folder)) return path.join(folder, version);
  const shared = await cached(
    path.basename(folder),
    (copy) => {
      cpSync(folder, copy, { recursive: true });
      execFileSync('chmod', ['-R', 'a+rX', copy, SHARED_FOLDER]);
      return Promise.resolve();
    },
    SHARED_FOLDER,
  );
  return path.join(shared, version);
}

function dataFolderFor(user: User | undefined, context: ComponentContext): string {
  if (!user || canEnter(context.folder)) return context.folder;
  const name = createHash('sha256').update(context.folder).digest('hex').slice(0, 16);
  const folder = path.join(SHARED_FOLDER, `data-${name}`);
  context.alsoTemporary(folder);
  mkdirSync(folder, { recursive: true });
  return folder;
}
