/**
 * The bytes of a watched order, in the store and in its changelog. About 70 for an order that went well.
 *
 *     order    := version=1 base checkedTo count timeline*
 *     timeline := count orders* count payments* count alerts*
 *     orders   := code|EXPIRES at [expiresAt]
 *     payments := code|WEBHOOK|EVALUATED|MET|POLLING [word] at eventId
 *     alerts   := rule detectedAt resolvedAt eventId
 *
 * Numbers are varints. `base` is the first record's time; records count from the one before them in their list, alerts from
 * `base`, an expiry from its record, a resolution from its alert (0: open). Strings are a length and UTF-8; a payment status
 * that is not in the table is spelled out (code 0). The tables only ever grow at their end.
 */
import type { Serde } from '#streams';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { OrderStatus } from '#schemas';
import { firstAt, orderEntry, paymentEntry } from './timeline.ts';
import type { OrderEntry, PaymentEntry, RaisedAlert, RuleId, Timeline } from './timeline.ts';
import type { WatchedOrder } from './watched-order.ts';

const VERSION = 1;

const ORDER_STATUSES: readonly (OrderStatus | undefined)[] = [
  undefined,
  'PENDING',
  'WAITING_PAYMENT',
  'PAID',
  'FAILED',
];
const EXPIRES = 0x80;

const PAYMENT_WORDS: readonly (string | undefined)[] = [
  undefined, // spelled out
  'COMPLETED',
  'SUCCESS',
  'CAPTURED',
  'FAILED',
  'CANCELLED',
  'CANCELED',
  'EXPIRED',
  'CREATED',
  'AUTHORIZED',
  'REFUNDED',
];
const EVALUATED = 0x40;
const MET = 0x20;
/** Its source; neither: not known, as in what was written before it was kept. */
const WEBHOOK = 0x80;
const POLLING = 0x10;

const RULES: readonly (RuleId | undefined)[] = [undefined, 'RULE_A', 'RULE_B', 'RULE_C'];

const orderCodes = codesOf(ORDER_STATUSES);
const paymentCodes = codesOf(PAYMENT_WORDS);
const ruleCodes = codesOf(RULES);

const writer = new ByteWriter();

export const watchedOrderSerde: Serde<WatchedOrder> = {
  format: `watched-order v${VERSION}`,
  encode(order) {
    writer.reset();
    const { timelines, checkedTo } = order;
    const base = timelines.length === 0 ? NaN : firstAt(timelines[0]!);
    writer.byte(VERSION);
    writer.varint(base);
    writeCheckedTo(checkedTo, base);
    writer.varint(timelines.length);
    for (const timeline of timelines) writeTimeline(timeline, base);
    return writer.take();
  },

  decode(bytes) {
    const reader = new ByteReader(bytes);
    const version = reader.byte();
    if (version !== VERSION) {
      throw new RangeError(`a watched order of format ${version}, this reads format ${VERSION}`);
    }
    const base = reader.varint();
    const checkedTo = readCheckedTo(reader, base);
    const count = reader.count();
    if (count === 0) throw new RangeError('a watched order without a timeline');
    const timelines = new Array<Timeline>(count);
    for (let i = 0; i < count; i++) timelines[i] = readTimeline(reader, base);
    reader.end();
    return { timelines, checkedTo };
  },
};

/** -Infinity, before every input was read once, is 0. */
function writeCheckedTo(checkedTo: number, base: number): void {
  writer.byte(checkedTo === -Infinity ? 0 : 1);
  if (checkedTo !== -Infinity) writer.signed(checkedTo - base);
}

function readCheckedTo(reader: ByteReader, base: number): number {
  return reader.byte() === 0 ? -Infinity : base + reader.signed();
}

function writeTimeline({ orders, payments, alerts }: Timeline, base: number): void {
  let before = base;
  writer.varint(orders.length);
  for (const order of orders) {
    writeOrder(order, before);
    before = order.at;
  }
  before = base;
  writer.varint(payments.length);
  for (const payment of payments) {
    writePayment(payment, before);
    before = payment.at;
  }
  writer.varint(alerts.length);
  for (const alert of alerts) writeAlert(alert, base);
}

function readTimeline(reader: ByteReader, base: number): Timeline {
  let before = base;
  // Of their length from the start: `push` makes room for 17.
  const orders = new Array<OrderEntry>(reader.count());
  for (let i = 0; i < orders.length; i++) {
    orders[i] = readOrder(reader, before);
    before = orders[i]!.at;
  }
  before = base;
  const payments = new Array<PaymentEntry>(reader.count());
  for (let i = 0; i < payments.length; i++) {
    payments[i] = readPayment(reader, before);
    before = payments[i]!.at;
  }
  const alerts = new Array<RaisedAlert>(reader.count());
  for (let i = 0; i < alerts.length; i++) alerts[i] = readAlert(reader, base);
  return { orders, payments, alerts };
}

function writeOrder({ status, at, expiresAt }: OrderEntry, before: number): void {
  const code = known(orderCodes[status], status);
  writer.byte(expiresAt === null ? code : code | EXPIRES);
  writer.varint(at - before);
  if (expiresAt !== null) writer.signed(expiresAt - at);
}

function readOrder(reader: ByteReader, before: number): OrderEntry {
  const code = reader.byte();
  const status = known(ORDER_STATUSES[code & ~EXPIRES], code);
  const at = before + reader.varint();
  return orderEntry(status, at, (code & EXPIRES) === 0 ? null : at + reader.signed());
}

function writePayment(payment: PaymentEntry, before: number): void {
  const { status, eventId, at, tooLate, source } = payment;
  const code = paymentCodes[status] ?? 0;
  const origin = source === 'WEBHOOK' ? WEBHOOK : source === 'POLLING' ? POLLING : 0;
  writer.byte(code | origin | (tooLate === null ? 0 : EVALUATED | (tooLate ? MET : 0)));
  if (code === 0) writer.string(status);
  writer.varint(at - before);
  writer.string(eventId);
}

function readPayment(reader: ByteReader, before: number): PaymentEntry {
  const flags = reader.byte();
  const code = flags & ~(WEBHOOK | EVALUATED | MET | POLLING);
  const status = code === 0 ? reader.string() : known(PAYMENT_WORDS[code], code);
  const at = before + reader.varint();
  const source = flags & WEBHOOK ? 'WEBHOOK' : flags & POLLING ? 'POLLING' : 'UNKNOWN';
  const payment = paymentEntry(status, reader.string(), at, source);
  return (flags & EVALUATED) === 0 ? payment : { ...payment, tooLate: (flags & MET) !== 0 };
}

function writeAlert({ ruleId, eventId, detectedAt, resolvedAt }: RaisedAlert, base: number): void {
  writer.byte(known(ruleCodes[ruleId], ruleId));
  writer.varint(detectedAt - base);
  writer.varint(resolvedAt === null ? 0 : resolvedAt - detectedAt);
  writer.string(eventId);
}

function readAlert(reader: ByteReader, base: number): RaisedAlert {
  const code = reader.byte();
  const ruleId = known(RULES[code], code);
  const detectedAt = base + reader.varint();
  const open = reader.varint();
  const eventId = reader.string();
  return { ruleId, eventId, detectedAt, resolvedAt: open === 0 ? null : detectedAt + open };
}

function codesOf(words: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const codes = Object.create(null) as Record<string, number>;
  words.forEach((word, code) => {
    if (word !== undefined) codes[word] = code;
  });
  return codes;
}

function known<T>(value: T | undefined, what: string | number): T {
  if (value === undefined) throw new RangeError(`not in the format's tables: ${what}`);
  return value;
}
