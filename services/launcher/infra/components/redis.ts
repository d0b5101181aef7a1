import { baseEnv } from '../base-env.ts';
import { redisAnswers } from '../probes.ts';
import type { ComponentDefinition, Plan } from '../types.ts';

export const redis: ComponentDefinition = {
  name: 'redis',
  title: 'Redis',
  preferredPorts: [16379],

  plan(context): Plan {
    const [port = 0] = context.ports;
    const settings = {
      bind: '127.0.0.1',
      port: String(port),
      dir: context.folder,
      daemonize: 'no',
      save: '',
      appendonly: context.purpose === 'test' ? 'no' : 'yes',
      ...context.overrides,
    };
    return {
      prepare: () => Promise.resolve(),
      launch: {
        file: context.tools.redisServer,
        args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
        env: baseEnv(),
        cwd: context.folder,
        logFile: context.logFile,
      },
      isReady: () => redisAnswers(port),
      addresses: { REDIS_URL: `redis://127.0.0.1:${port}` },
    };
  },
};
