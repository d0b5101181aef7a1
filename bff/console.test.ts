/** The console's pages, over an API that is made up: who sees them, what is on them, and what they ask for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  MINUTE,
  sampleAlert,
  sampleDetail,
  sampleOverview,
  T0,
} from './console/testing/samples.ts';
import { alertDetail, alertPage, overview } from './contract-ops.ts';
import { createPages } from './pages.ts';
import { buildWeb } from './web/build.ts';

const parent = mkdtempSync(join(tmpdir(), 'kafka-alert-console-'));
const folder = join(parent, 'dist');
const alert = sampleAlert();
const list = {
  total: 1,
  page: 1,
  pageSize: 50,
  alerts: [alert],
  counts: [{ ruleId: 'RULE_A' as const, state: 'NEW' as const, count: 1 }],
  serverTime: T0,
};

const watcher = sampleOverview().services[0]!;

let pages: Hono;
/** What the API says; by path. */
let answers: Record<string, unknown>;
let roles: readonly string[] | null;
let asked: string[];
let reported: unknown[];

const api = new Hono();
api.get('/api/session', (c) => {
  const account = roles && { accountId: 'acc-1', displayName: '田中 美咲', roles };
  return c.json({ account, csrfToken: 'csrf-1', expiresAt: T0, endsAt: T0, cartItems: 0 });
});
api.get('/api/*', (c) => {
  const { pathname, search } = new URL(c.req.url);
  asked.push(pathname + search);
  const answer = answers[pathname];
  const problem = (status: 404 | 503) =>
    c.json({ type: 'about:blank', title: 'No', status, detail: '' }, status);
  if (answer === undefined) return problem(404);
  return answer === 'away' ? problem(503) : c.json(answer);
});

beforeAll(async () => {
  await buildWeb(folder);
  pages = await createPages({
    folder,
    api: (path, init, env) => api.request(path, init, env),
    now: () => T0 + 20 * MINUTE,
    sandboxUrl: null,
    report: (error) => reported.push(error),
  });
});
afterAll(() => rmSync(parent, { recursive: true }));
beforeEach(() => {
  roles = ['operator'];
  asked = [];
  reported = [];
  answers = {
    '/api/ops/alerts': list,
    [`/api/ops/alerts/${alert.alertId}`]: sampleDetail(),
    '/api/ops/overview': sampleOverview(),
    '/api/ops/orders': { total: 0, page: 1, pageSize: 50, orders: [] },
    [`/api/ops/orders/${alert.orderNo}`]: sampleDetail(),
  };
});

const get = async (path: string, lang = 'en') => {
  const response = await pages.request(path, { headers: { 'accept-language': lang } });
  return { status: response.status, headers: response.headers, html: await response.text() };
};
/** As a reader sees it: without what the islands are handed. */
const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&amp;', '&');

const EVERYWHERE = [
  '/ops',
  `/ops/alerts/${alert.alertId}`,
  '/ops/overview',
  '/ops/orders',
  `/ops/orders/${alert.orderNo}`,
];

test('the samples are what the contract says', () => {
  expect(alertPage.safeParse(list).error).toBeUndefined();
  expect(alertDetail.safeParse(sampleDetail()).error).toBeUndefined();
  expect(overview.safeParse(sampleOverview()).error).toBeUndefined();
});

describe.each(EVERYWHERE)('%s', (path) => {
  test('sends to the sign-in who is not signed in, and back', async () => {
    roles = null;
    const { status, headers } = await get(path);
    expect(status).toBe(303);
    expect(headers.get('location')).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    expect(asked).toEqual([]);
  });

  test('is not there for shoppers', async () => {
    roles = ['shopper'];
    expect((await get(path)).status).toBe(404);
    expect(asked).toEqual([]);
  });

  test.each(['ja', 'en'])('is there for operators, in %s, without inline styles', async (lang) => {
    const { status, html, headers } = await get(path, lang);
    expect(status).toBe(200);
    expect(html).toContain(`<html lang="${lang}">`);
    expect(html).not.toMatch(/<[^>]+ style=|<style|<[^>]+ on[a-z]+=/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(reported).toEqual([]);
  });

  test('says so when the API is away', async () => {
    answers = Object.fromEntries(Object.keys(answers).map((key) => [key, 'away']));
    const { status, html } = await get(path);
    expect(status).toBe(503);
    expect(textOf(html)).toContain('Try again');
    expect(reported).toEqual([]);
  });
});

describe('the list', () => {
  test('has rule, order, observed and expected, amount and age', async () => {
    const text = textOf((await get('/ops')).html);
    expect(text).toContain('RULE_A Paid, but the order did not follow');
    expect(text).toContain('ORD-20240201-000123');
    expect(text).toMatch(/WAITING_PAYMENT \/ COMPLETED\s+→\s+PAID/);
    expect(text).toContain('¥1,280');
    expect(text).toContain('14 min');
  });

  test('asks for what the URL says, open ones by default', async () => {
    await get('/ops');
    await get('/ops?rule=RULE_B&rule=RULE_C&state=all&age=older&q=ORD-1&page=2');
    expect(asked[0]).toBe('/api/ops/alerts?state=open&sort=oldest&page=1&pageSize=50');
    const query = new URL(asked[1]!, 'http://api').searchParams;
    expect(Object.fromEntries(query)).toEqual({
      rule: 'RULE_B,RULE_C',
      minAgeMs: '86400000',
      q: 'ORD-1',
      sort: 'oldest',
      page: '2',
      pageSize: '50',
    });
  });

  test('says as good news that there is none', async () => {
    answers['/api/ops/alerts'] = { ...list, total: 0, alerts: [], counts: [] };
    const text = textOf((await get('/ops')).html);
    expect(text).toContain('No open alerts');
    expect(text).toContain('Last evaluation 5 s ago, 12,408 orders watched.');
    expect(text).not.toContain('But');
  });

  test.each([
    ['the overview is away', 'away'],
    ['kafka-alert is behind', { services: [{ ...watcher, watermarkDelayMs: 3_600_000 }] }],
    ['kafka-alert is down', { services: [{ ...watcher, isUp: false }] }],
  ])('does not call it good news while %s', async (_, given) => {
    answers['/api/ops/alerts'] = { ...list, total: 0, alerts: [], counts: [] };
    const away = typeof given === 'string';
    answers['/api/ops/overview'] = away ? given : sampleOverview(given);
    const { status, html } = await get('/ops');
    expect(status).toBe(200);
    expect(textOf(html)).toContain('No open alerts');
    expect(textOf(html)).toContain('But nobody can say whether the evaluation is up to date');
  });

  test('tells nothing found from nothing wrong', async () => {
    answers['/api/ops/alerts'] = { ...list, total: 0, alerts: [] };
    expect(textOf((await get('/ops?q=ORD-9')).html)).toContain('No alert is like that.');
  });
});

describe('an alert', () => {
  const path = `/ops/alerts/${alert.alertId}`;

  test('is told in a sentence, drawn, and listed', async () => {
    const { html } = await get(path);
    const text = textOf(html);
    expect(text).toContain(
      'The payment of ¥1,280 succeeded (COMPLETED), but 5 min later the order is still WAITING_PAYMENT',
    );
    expect(html).toMatch(/<svg[^>]+class="timeline-picture"/);
    expect(text).toContain('12:00:45.000 +45 s Payment COMPLETED success, by webhook');
    expect(text).toContain('12:05:45.000 +5 min 45 s Checks RULE_A (A) alert');
    expect(text).toContain('kafka-alert does not answer');
  });

  test('offers what is possible now, and says why the rest is not', async () => {
    answers[`/api/ops/alerts/${alert.alertId}`] = sampleDetail({
      actions: [
        { type: 'RESEND_PAYMENT_RESULT', isLikely: true, why: null },
        { type: 'COMPENSATE', isLikely: false, why: 'it is being compensated' },
      ],
    });
    const { html } = await get(path);
    const buttons = [...html.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map((match) => match[1]);
    expect(buttons).toContain('Resend payment result');
    expect(buttons).not.toContain('Compensate');
    expect(textOf(html)).toContain('it is being compensated');
  });

  test('that is resolved leaves nothing to do', async () => {
    const resolved = sampleAlert({ state: 'RESOLVED', resolvedAt: T0 + 9 * MINUTE });
    answers[`/api/ops/alerts/${alert.alertId}`] = sampleDetail({ alert: resolved });
    const { html } = await get(path);
    expect(html).not.toContain('Resend payment result</button>');
    expect(textOf(html)).toContain('Resolved: money and order agree since 1 Feb 2024, 12:09:00.');
  });

  test('without an order is shown, too', async () => {
    answers[`/api/ops/alerts/${alert.alertId}`] = sampleDetail({ order: null, timeline: [] });
    expect(textOf((await get(path)).html)).toContain('Nothing is known of this order');
  });

  test('that is none is not found', async () => {
    expect((await get('/ops/alerts/nonsense')).status).toBe(404);
    expect((await get('/ops/nowhere')).status).toBe(404);
  });

  test('what an order says cannot become markup', async () => {
    const evil = sampleAlert({ orderNo: '"><script>x</script>' });
    answers[`/api/ops/alerts/${alert.alertId}`] = sampleDetail({ alert: evil });
    expect((await get(path)).html).not.toContain('<script>x');
  });
});

describe('the overview', () => {
  test('has every panel, and what is normal', async () => {
    const text = textOf((await get('/ops/overview')).html);
    expect(text.match(/Normal: /g)).toHaveLength(7);
    expect(text).toContain('99.66%');
    expect(text).toContain('67% of the error budget left');
    expect(text).toMatch(/order Look at it 18 s order-status-changed-2/);
    expect(text).toMatch(/slo Down does not answer/);
    expect(text).toMatch(/product-events Quiet never/);
  });

  test('looks back on what is asked for, a day otherwise', async () => {
    await get('/ops/overview?hours=168');
    await get('/ops/overview?hours=7');
    expect(asked).toEqual(['/api/ops/overview?hours=168', '/api/ops/overview?hours=24']);
  });

  test('a system where nothing has happened yet is shown, too', async () => {
    answers['/api/ops/overview'] = sampleOverview({
      alerts: [],
      open: [],
      timeToResolve: { count: 0, medianMs: null, p95Ms: null },
      slo: null,
      services: [],
      feeds: [],
    });
    const text = textOf((await get('/ops/overview')).html);
    expect(text).toContain('No open alerts');
    expect(text).toContain('The service that measures does not answer.');
  });
});

test('orders are found by how they begin, and by status', async () => {
  await get('/ops/orders?q=ORD-1&status=PAID&page=3');
  expect(asked).toEqual(['/api/ops/orders?q=ORD-1&status=PAID&page=3&pageSize=50']);
});
