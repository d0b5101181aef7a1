import path from 'node:path';
import { ROOT } from './bootstrap/root.mjs';
import type { Stack } from './stack.ts';

const TITLES: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'Kafka',
  SCHEMA_REGISTRY_URL: 'Schema registry',
  MYSQL_URL: 'MySQL',
  REDIS_URL: 'Redis',
  ELASTICSEARCH_URL: 'Elasticsearch',
};

/** What a person reads when all is up: where everything is, and what to do next. */
export function summary(up: {
  stack: Pick<Stack, 'addresses' | 'urls' | 'logs'>;
  dataDir: string;
  tookMs: number;
}): string {
  const rows = [
    ...Object.entries(TITLES).map(([name, title]) => [title, up.stack.addresses[name]] as const),
    ...[...up.stack.urls].map(([name, url]) => [name, `${url}/actuator/health`] as const),
    ['Logs', fromRoot(up.stack.logs)] as const,
  ];
  const lines = rows.flatMap(([title, value]) =>
    value === undefined ? [] : [`  ${title.padEnd(17)} ${value}`],
  );
  return `
All is up after ${(up.tookMs / 1000).toFixed(1)} s.

${lines.join('\n')}

${front(up.stack.urls)}In another terminal:
  npm run demo              a thousand orders, paid at a provider that is not always well
  npx kafka-alert demo      orders for which every rule fires, and their alerts
  npx kafka-alert tail      the alerts as they come
  npx kafka-alert --help    everything else

Ctrl-C stops it all; the data stays in ${fromRoot(up.dataDir)}.`;
}

/** Where people look, and as whom. */
function front(urls: ReadonlyMap<string, string>): string {
  const bff = urls.get('bff');
  if (bff === undefined) return '';
  return `The store     ${bff}/        sign in as hana@example.jp
The console   ${bff}/ops     sign in as ops@example.jp
The provider  ${urls.get('paypay-sandbox') ?? '–'}/        pay, decline, switch faults on
Password of both: correct horse battery

`;
}

function fromRoot(folder: string): string {
  const relative = path.relative(ROOT, folder);
  return relative.startsWith('..') ? folder : relative;
}
