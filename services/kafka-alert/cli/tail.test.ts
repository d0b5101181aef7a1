import { expect, test } from 'vitest';
import type { AlertRaised, AlertResolved } from '#schemas';
import { alertLine, resolutionLine, typedAlertLine } from './alert-lines.ts';
import { AlertPrinter, contactTeller } from './tail.ts';
import { fakeIo } from './testing/fake-io.ts';

const alert: AlertRaised = {
  alertId: '47f7da59-6d70-50ec-baf3-34b6a99133db',
  ruleId: 'RULE_A',
  orderNo: 'ORD-1',
  eventId: 'evt_1',
  observed: { paymentStatus: 'CAPTURED', orderStatus: 'WAITING_PAYMENT' },
  expected: { orderStatus: 'PAID' },
  detectedAt: Date.UTC(2024, 1, 1, 12, 6),
  source: 'kafka-alert',
};
const { alertId, ruleId, orderNo, eventId, observed, detectedAt, source } = alert;
const named = { alertId, ruleId, orderNo, eventId, observed, source };
const resolution: AlertResolved = { ...named, resolvedAt: detectedAt };

test('on no terminal, a line of JSON each', () => {
  const io = fakeIo();
  const printer = new AlertPrinter({}, io);
  printer.raised(alert);
  printer.raised(alert);
  expect(io.written.out).toBe(`${alertLine(alert)}\n${alertLine(alert)}\n`);
});

test('with --resolved, every line has a type', () => {
  const io = fakeIo();
  const printer = new AlertPrinter({ resolved: true }, io);
  printer.raised(alert);
  printer.resolved(resolution);
  expect(io.written.out).toBe(`${typedAlertLine(alert)}\n${resolutionLine(resolution)}\n`);
});

test('on a terminal, a table in colours with one head', () => {
  const io = fakeIo({ isTTY: true });
  const printer = new AlertPrinter({}, io);
  printer.raised(alert);
  printer.resolved(resolution);
  const [head, raised, resolved] = io.written.out.split('\n');
  expect(head).toContain('payment / order → expected');
  expect(raised).toContain('2024-02-01 12:06:00  \u001b[31mRULE_A');
  expect(raised).toContain('CAPTURED / WAITING_PAYMENT → PAID');
  expect(resolved).toContain('resolved');
});

test.each([
  ['--json', { isTTY: true }, { json: true }, alertLine(alert)],
  ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' } }, {}, 'detected (UTC)'],
])('%s is heeded on a terminal', (_, given, options, start) => {
  const io = fakeIo(given);
  new AlertPrinter(options, io).raised(alert);
  expect(io.written.out.startsWith(start)).toBe(true);
  expect(io.written.out).not.toContain('\u001b');
});

test('--rule leaves out the others', () => {
  const io = fakeIo();
  const printer = new AlertPrinter({ rule: 'RULE_B' }, io);
  printer.raised(alert);
  printer.raised({ ...alert, ruleId: 'RULE_B' });
  expect(io.written.out.split('\n')).toHaveLength(2);
});

test('a name can not move the cursor of a terminal', () => {
  const io = fakeIo({ isTTY: true, env: { NO_COLOR: '1' } });
  new AlertPrinter({}, io).raised({ ...alert, orderNo: 'ORD\u001b[2J', eventId: 'a\nb' });
  expect(io.written.out).not.toContain('\u001b');
  expect(io.written.out.trimEnd().split('\n')).toHaveLength(2);
});

test('brokers that go away and come back are said once each', () => {
  const io = fakeIo();
  const tell = contactTeller(io);
  for (const problem of [undefined, 'refused', 'refused', undefined, undefined]) tell(problem);
  expect(io.written.err).toBe('trying again: refused\nreached again\n');
});
