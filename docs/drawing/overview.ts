/** The page Overview: who asks whom, with Kafka in the middle. */
import { drawLegend } from './legend.ts';
import { Sheet, type Box, type BoxKind } from './sheet.ts';

const TOPICS = [
  ['accounts, products', 'account-events', 'product-events'],
  ['orders', 'order-commands', 'order-created', 'order-status-changed'],
  ['stock', 'storage-commands', 'storage-events'],
  [
    'payments',
    'payment-commands',
    'payment-events',
    'payment-status-observed',
    'payment-confirmations',
  ],
  [
    'alerts',
    'alerts.order_payment_inconsistency.v1',
    'alerts.order_payment_inconsistency.resolved.v1',
    'alert-actions',
    'alert-action-outcomes',
  ],
] as const;

/** Wide enough for their longest names. */
const WIDTHS = [128, 156, 138, 170, 294];
const KAFKA = { x: 690, y: 330, padding: 18, gap: 16, row: 30 };
const UPPER = { y: 188, h: 64 };
const LOWER = { y: 596, h: 64 };
const UPPER_STORES = { y: 80, h: 74 };
const LOWER_STORES = { y: 700, h: 84 };

export function overview(): Sheet {
  const sheet = new Sheet('Overview', 1764, 930);
  sheet.box('title', 'kafka-alert: an e-commerce back end on Kafka', {
    x: 20,
    y: 20,
    w: 600,
    h: 30,
  });
  const kafka = drawKafka(sheet);

  /** Beside each other: what it writes, and what it reads. */
  const onKafka = (service: Box, does: 'writes' | 'reads' | 'both') => {
    const middle = service.x + service.w / 2;
    const off = does === 'both' ? 14 : 0;
    if (does !== 'reads') sheet.arrow('writes', service, kafka, { at: middle - off });
    if (does !== 'writes') sheet.arrow('reads', kafka, service, { at: middle + off });
  };
  const row =
    ({ y, h }: { y: number; h: number }) =>
    (kind: BoxKind, name: string, x: number, w: number, ...lines: string[]) =>
      sheet.box(kind, name, { x, y, w, h }, { lines });
  const upper = row(UPPER);
  const upperStore = row(UPPER_STORES);
  const lower = row(LOWER);
  const lowerStore = row(LOWER_STORES);
  const rocksDb = (service: Box, ...lines: string[]) => {
    const { y, h } = service.y === UPPER.y ? UPPER_STORES : LOWER_STORES;
    const area = { x: service.x + service.w / 2 - 66, y, w: 132, h };
    const store = sheet.box('store', 'RocksDB', area, { lines });
    sheet.arrow('keeps', service, store);
  };

  // From the left: who comes by the browser.
  const shopper = sheet.box('person', 'Shoppers', { x: 20, y: 240, w: 110, h: 56 });
  const operator = sheet.box('person', 'Operators', { x: 20, y: 560, w: 110, h: 56 });
  const store = sheet.box(
    'outside',
    'Browser',
    { x: 180, y: 232, w: 120, h: 72 },
    { lines: ['the store'] },
  );
  const desk = sheet.box(
    'outside',
    'Browser',
    { x: 180, y: 552, w: 120, h: 72 },
    { lines: ['the console'] },
  );
  const bff = sheet.box(
    'service',
    'bff',
    { x: 400, y: 188, w: 126, h: 600 },
    { lines: ['what browsers talk to', '', 'pages, API,', 'WebSocket'] },
  );
  sheet.arrow('asks', shopper, store);
  sheet.arrow('asks', operator, desk);
  for (const page of [store, desk]) {
    const middle = page.y + page.h / 2;
    sheet.arrow('asks', page, bff, { at: middle - 12, label: 'HTTP', labelOff: { x: -4, y: -9 } });
    sheet.arrow('asks', bff, page, {
      at: middle + 12,
      label: 'WebSocket',
      labelOff: { x: 4, y: 10 },
    });
  }
  const redis = sheet.box(
    'database',
    'Redis',
    { x: 400, y: 80, w: 126, h: 74 },
    { lines: ['sessions, carts'] },
  );
  sheet.arrow('asks', bff, redis);
  sheet.arrow('writes', bff, kafka, {
    at: 404,
    label: 'commands, decisions',
    labelOff: { x: 0, y: -9 },
  });
  sheet.arrow('reads', kafka, bff, {
    at: 444,
    label: 'changes, alerts',
    labelOff: { x: 0, y: -9 },
  });

  // Above Kafka: what an order needs.
  const account = upper('service', 'account', KAFKA.x, 130, 'sign-up, sign-in');
  const credentials = upperStore('database', 'MySQL', KAFKA.x, 130, 'credentials');
  sheet.arrow('asks', account, credentials);
  sheet.arrow('asks', bff, account, { label: 'HTTP', labelOff: { x: 0, y: -9 } });
  onKafka(account, 'writes');
  const order = upper('topology', 'order', 874, 150, 'topology order-saga');
  rocksDb(order, 'order-sagas');
  onKafka(order, 'both');
  const storage = upper('topology', 'storage', 1074, 150, 'topology storage');
  rocksDb(storage, 'stock, reservations,', 'restocks');
  onKafka(storage, 'both');
  const payment = upper('service', 'payment', 1274, 150, 'commands at PayPay,', 'its webhooks');
  onKafka(payment, 'both');
  const sandbox = sheet.box(
    'service',
    'paypay-sandbox',
    { x: 1564, y: 188, w: 150, h: 64 },
    { lines: ['behaves like PayPay,', 'with faults on demand'] },
  );
  const paypay = sheet.box(
    'outside',
    'PayPay',
    { x: 1564, y: 85, w: 150, h: 64 },
    { lines: ['the provider'] },
  );
  sheet.arrow('asks', payment, sandbox, { at: 208, label: 'HTTP', labelOff: { x: 0, y: -9 } });
  sheet.arrow('asks', sandbox, payment, { at: 232, label: 'webhooks', labelOff: { x: 0, y: 10 } });
  sheet.arrow('asks', payment, paypay, {
    via: [{ x: 1349, y: 117 }],
    label: 'or the real one',
    labelOff: { x: 0, y: -9 },
  });
  sheet.arrow('asks', shopper, paypay, {
    via: [
      { x: 75, y: 64 },
      { x: 1639, y: 64 },
    ],
    label: 'pay by the app',
    labelOff: { x: 0, y: -9 },
  });

  // Below it: what can be read of it, and what watches it.
  const projections = lower('service', 'projections', KAFKA.x, 130, 'each a group');
  const readModels = lowerStore(
    'database',
    'MySQL',
    KAFKA.x,
    130,
    'read models: orders,',
    'accounts, stock,',
    'products, alerts',
  );
  onKafka(projections, 'reads');
  sheet.arrow('asks', projections, readModels);
  sheet.arrow('asks', bff, readModels, { at: 736, label: 'SQL', labelOff: { x: 0, y: -9 } });
  const indexer = lower('service', 'search-indexer', 870, 140, 'each index a group');
  const search = lowerStore('database', 'Elasticsearch', 870, 140, 'products, orders,', 'alerts');
  onKafka(indexer, 'reads');
  sheet.arrow('asks', indexer, search);
  sheet.arrow('asks', bff, search, {
    via: [
      { x: 484, y: 806 },
      { x: 940, y: 806 },
    ],
    label: 'search',
    labelOff: { x: 0, y: -9 },
  });
  const catalogue = lower('service', 'catalogue', 1060, 124, 'a command: imports', 'the products');
  onKafka(catalogue, 'both');
  const slo = lower('topology', 'slo', 1234, 150, 'topology payment-slo');
  rocksDb(slo, 'first-successes,', 'first-paids,', 'confirmations');
  onKafka(slo, 'both');
  const alert = lower('topology', 'kafka-alert', 1434, 180, 'topology kafka-alert');
  rocksDb(alert, 'order-timelines');
  onKafka(alert, 'both');
  sheet.arrow('asks', bff, alert, {
    via: [
      { x: 440, y: 836 },
      { x: 1604, y: 836 },
    ],
    label: 'GET /state/orders/…: why it has alerted',
    labelOff: { x: 0, y: -9 },
  });
  const sre = sheet.box(
    'person',
    'SREs',
    { x: 1654, y: 598, w: 90, h: 60 },
    { lines: ['CLI,', '/actuator'] },
  );
  sheet.arrow('asks', sre, alert);
  drawLegend(sheet, 20, sheet.height - 44, [
    'person',
    'outside',
    'service',
    'topology',
    'topic',
    'store',
    'database',
    'writes',
    'reads',
    'asks',
    'keeps',
  ]);
  return sheet;
}

/** The topics, in columns by what they are about. */
function drawKafka(sheet: Sheet): Box {
  const { x, y, padding, gap, row } = KAFKA;
  const w = WIDTHS.reduce((sum, width) => sum + width) + gap * (WIDTHS.length - 1) + 2 * padding;
  const kafka = sheet.box(
    'frame',
    'Kafka',
    { x, y, w, h: 216 },
    {
      lines: ['the log of record: Avro, its schemas in the registry'],
    },
  );
  let left = x + padding;
  for (const [i, [about, ...names]] of TOPICS.entries()) {
    const width = WIDTHS[i]!;
    sheet.box('text', '', { x: left, y: y + 56, w: width, h: 16 }, { lines: [about] });
    for (const [j, name] of names.entries())
      sheet.box('topic', name, { x: left, y: y + 78 + j * row, w: width, h: 24 });
    left += width + gap;
  }
  return kafka;
}
