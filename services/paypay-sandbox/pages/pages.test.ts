import { describe, expect, test } from 'vitest';
import { Bench, TTL_MS } from '../testing/bench.ts';
import { safeRedirect } from './pay-page.ts';
import { languageOf, TEXTS } from './texts.ts';

describe('the payment page', () => {
  test('shows what is to be paid, in the language that is asked for', async () => {
    const { bench, path } = await withCode({ orderDescription: 'Tea' });
    const english = await text(bench, `${path}?lang=en`);
    expect(english).toContain('¥1,000');
    expect(english).toContain('ORD-1-1');
    expect(english).toContain('Tea');
    expect(english).toContain('<html lang="en">');
    for (const move of ['pay', 'decline', 'expire']) expect(english).toContain(`value="${move}"`);
    expect(await text(bench, path)).toContain(TEXTS.ja.pay);
  });

  test('escapes what the shop wrote', async () => {
    const { bench, path } = await withCode({ orderDescription: '<script>alert(1)</script>"' });
    const page = await text(bench, path);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;');
  });

  test('goes back to the shop after paying, if it is an address of the web', async () => {
    const paid = await withCode({ redirectUrl: 'https://shop.test/orders/1?a=1' });
    expect((await press(paid.bench, paid.path, 'pay')).headers.get('location')).toBe(
      'https://shop.test/orders/1?a=1',
    );
    const other = await withCode({ redirectUrl: 'javascript:alert(1)' });
    const response = await press(other.bench, other.path, 'pay');
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      `${other.path}?lang=ja`,
    ]);
    expect(await text(other.bench, other.path)).not.toContain('javascript:');
  });

  test('says how it ended', async () => {
    const states = TEXTS.en.states;
    for (const [move, title] of [
      ['pay', states.paid.title],
      ['decline', states.failed.title],
      ['expire', states.expired.title],
    ] as const) {
      const { bench, path } = await withCode();
      expect((await press(bench, path, move)).status).toBe(303);
      // Once more: it only shows what is.
      expect((await press(bench, path, 'pay')).status).toBe(303);
      const page = await text(bench, `${path}?lang=en`);
      expect(page).toContain(title);
      expect(page).not.toContain('<form');
    }
  });

  test('says when it is over, deleted, cancelled, under way or not known', async () => {
    const states = TEXTS.en.states;
    const expired = await withCode();
    await expired.bench.clock.advance(TTL_MS);
    expect(await text(expired.bench, `${expired.path}?lang=en`)).toContain(states.expired.title);

    const deleted = await withCode();
    deleted.bench.sandbox.deleteCode('code-1');
    expect(await text(deleted.bench, `${deleted.path}?lang=en`)).toContain(states.deleted.title);

    const canceled = await withCode();
    canceled.bench.sandbox.pay('ORD-1-1');
    canceled.bench.sandbox.cancel('ORD-1-1');
    expect(await text(canceled.bench, `${canceled.path}?lang=en`)).toContain(states.canceled.title);

    const paying = await withCode();
    paying.bench.sandbox.setFaults(null, { payment: { completesAfterExpiry: true } });
    await press(paying.bench, paying.path, 'pay');
    expect(await text(paying.bench, `${paying.path}?lang=en`)).toContain(states.paying.title);

    const unknown = await paying.bench.app.request('/pay/none?lang=en');
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain(states.unknown.title);
  });
});

describe('the index', () => {
  test('lists payments and sets faults', async () => {
    const { bench } = await withCode();
    const form = new URLSearchParams({
      orderNo: 'ORD-1',
      'webhook.lost': 'on',
      'api.status': '503',
      'api.path': '',
      'payment.failsAfterMs': '100',
    });
    expect((await post(bench, '/forms/faults', form)).status).toBe(303);
    expect(bench.sandbox.faultsSetFor('ORD-1')).toEqual({
      webhook: { lost: true },
      api: { status: 503 },
      payment: { failsAfterMs: 100 },
    });
    const page = await text(bench, '/');
    expect(page).toContain('href="/sandbox/payments/ORD-1-1"');
    expect(page).toContain('href="/pay/code-1"');
    await post(bench, '/forms/faults', new URLSearchParams({ orderNo: 'ORD-1' }));
    expect(bench.sandbox.faultsSetFor('ORD-1')).toBeUndefined();
  });

  test('says what is wrong with a form', async () => {
    const { bench } = await withCode();
    const wrong = new URLSearchParams({ 'webhook.delayMs': '-1' });
    const response = await post(bench, '/forms/faults', wrong);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('webhook.delayMs: ');
  });
});

test('the language is the one asked for, else the browser’s, else Japanese', () => {
  expect(languageOf('en', 'ja')).toBe('en');
  expect(languageOf('fr', 'fr-FR,en-GB;q=0.8,ja;q=0.5')).toBe('en');
  expect(languageOf(undefined, 'ja-JP,en')).toBe('ja');
  expect(languageOf(undefined, undefined)).toBe('ja');
});

test('only the web’s own addresses are gone back to', () => {
  expect(safeRedirect('http://shop.test/')).toBe('http://shop.test/');
  for (const url of [undefined, 'javascript:alert(1)', 'data:text/html,x', 'nothing']) {
    expect(safeRedirect(url)).toBeUndefined();
  }
});

async function withCode(more: object = {}): Promise<{ bench: Bench; path: string }> {
  const bench = new Bench();
  const { data } = await bench.create('ORD-1-1', more);
  return { bench, path: `/pay/${String(data?.['codeId'])}` };
}

async function text(bench: Bench, path: string): Promise<string> {
  return (await bench.app.request(path)).text();
}

function press(bench: Bench, path: string, move: string): Promise<Response> {
  return post(bench, path, new URLSearchParams({ move }));
}

function post(bench: Bench, path: string, body: URLSearchParams): Promise<Response> {
  return Promise.resolve(bench.app.request(path, { method: 'POST', body }));
}
