/** `npm run rebuild`: tables and search indices dropped, and built again from the topics. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from './bootstrap/root.mjs';

const HELP = `Usage: npm run rebuild -- NAME [NAME …]

Drops read models and builds them again from the first event on. Shows progress on stderr, and one line
of JSON for each on stdout. Needs a running npm start.

Tables: emptied, and filled again by the running service.
  orders     orders with lines, status history and payment observations
  accounts   accounts, without credentials
  stock      stock by sku
  products   products as they are sold
  alerts     alerts with their life, and the audit

Search indices: built beside, and switched to when they have everything.
  search-products   search-orders   search-alerts

  all        all of them

Examples:
  npm run rebuild -- orders search-orders
  npm run rebuild -- all
`;

const TABLES = ['orders', 'accounts', 'stock', 'products', 'alerts'];
const SEARCH = 'search-';
const INDICES = ['products', 'orders', 'alerts'].map((name) => `${SEARCH}${name}`);
const USAGE = 2;

const asked = process.argv.slice(2);
if (asked.includes('--help') || asked.includes('-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}
const names = asked.includes('all') ? [...TABLES, ...INDICES] : asked;
const unknown = names.filter((name) => !TABLES.includes(name) && !INDICES.includes(name));
if (names.length === 0 || unknown.length > 0) {
  const what =
    unknown.length > 0 ? `there is no read model ${unknown.join(', ')}` : 'name what to rebuild';
  process.stderr.write(`${what}\n\n${HELP}`);
  process.exit(USAGE);
}
for (const name of names) {
  const [service, own] = name.startsWith(SEARCH)
    ? (['search-indexer', name.slice(SEARCH.length)] as const)
    : (['projections', name] as const);
  const main = path.join(ROOT, 'services', service, 'rebuild-main.ts');
  const { status } = spawnSync(process.execPath, [main, own], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
