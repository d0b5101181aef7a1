import { join } from 'node:path';
import { baseEnv } from '../../services/launcher/infra/base-env.ts';
import { ROOT } from '../../services/launcher/bootstrap/root.mjs';
import type { Launch } from './application.ts';
import { expandTemplate, type PeerValues } from './template.ts';

/** What one start of an application is told. */
export interface Setup extends PeerValues {
  /** Where its metrics are asked for, if it has any. */
  readonly httpPort: number;
}

/** An application that is measured. */
export interface Contender {
  readonly name: 'kafka-alert' | 'peer';
  launch(setup: Setup): Launch;
}

/** The service as its users run it. Rules are set to what the expected alerts are computed with; other settings are the defaults. */
export const kafkaAlertContender: Contender = {
  name: 'kafka-alert',
  launch: (setup) => ({
    file: process.execPath,
    args: [join(ROOT, 'services/kafka-alert/main.ts')],
    env: baseEnv({
      KAFKA_BROKERS: setup.brokers,
      SCHEMA_REGISTRY_URL: setup.registry,
      APPLICATION_ID: setup.application,
      STATE_DIR: setup.stateDir,
      ORDER_TOPIC: setup.orders,
      PAYMENT_TOPIC: setup.payments,
      ALERT_TOPIC: setup.alerts,
      RESOLVED_TOPIC: setup.resolved,
      THREADS: String(setup.threads),
      ALLOWED_LATENESS_MS: String(setup.lateness),
      HTTP_PORT: String(setup.httpPort),
      LOG_LEVEL: 'warn',
    }),
    // Elsewhere than here: an .env of the checkout is not meant.
    cwd: setup.stateDir,
  }),
};

/** Any program that does the same. */
export function peerContender(template: string): Contender {
  return {
    name: 'peer',
    launch: (setup) => ({
      file: '/bin/sh',
      args: ['-c', expandTemplate(template, setup)],
      env: process.env as Record<string, string>,
      cwd: process.cwd(),
    }),
  };
}
