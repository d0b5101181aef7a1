import { beforeEach, describe, expect, test } from 'vitest';
import type { Hono } from 'hono';
import { createStorefront } from './routes.ts';
import { render } from './server.tsx';
import { anOrder, aProduct, CSRF, FakeApi, NOON } from './testing/fake-api.ts';

const HANA = { accountId: 'A-1', displayName: 'Hana', roles: ['shopper' as const] };
let api: FakeApi;
let store: Hono;
let reported: unknown[];

beforeEach(() => {
  api = new FakeApi();
  reported = [];
  store = createStorefront({
    ui: {
      render,
      assets: {
        styles: ['/assets/s.css'],
        script: '/assets/s.js',
        ofIsland: (n) => [`/assets/${n}.js`],
      },
    },
    api: api.fetch,
    now: () => NOON + 20_000,
    sandboxUrl: null,
    report: (error) => reported.push(error),
  });
});

const BROWSER = { accept: 'text/html', cookie: 'sid=s-1' };

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await store.request(path, { headers: { ...BROWSER, ...headers } });
  return { response, status: response.status, html: await response.text() };
}

async function post(path: string, fields: Record<string, string>) {
  const body = new URLSearchParams(fields);
  const response = await store.request(path, { method: 'POST', headers: BROWSER, body });
  const location = response.headers.get('location');
  return { response, status: response.status, location, html: await response.text() };
}

const everyPage = [
  '/',
  '/?q=x&category=tea&priceFrom=1000',
  '/products/TEA-SENCHA-100',
  '/cart',
  '/checkout',
  '/orders',
  '/orders/ORD-1',
  '/orders/ORD-1/payment',
  '/sign-in',
  '/nothing-here',
];

describe('every page', () => {
  beforeEach(() => {
    api.account = HANA;
    api.cart.set('TEA-SENCHA-100', 2);
    api.orders = [anOrder()];
  });

  test.each(everyPage)('%s is in both languages', async (path) => {
    const join = path.includes('?') ? '&' : '?';
    if (path === '/sign-in') api.account = null;
    const ja = await get(`${path}${join}lang=ja`);
    const en = await get(`${path}${join}lang=en`);
    expect(ja.html).toContain('<html lang="ja">');
    expect(en.html).toContain('<html lang="en">');
    expect(ja.html).toMatch(/[ぁ-ん]/);
    // But for the way to the other language, and the names of products, which both pages hand to their islands.
    const shown = en.html.replace(/data-props="[^"]*"/g, '').replace('日本語', '');
    expect(shown.match(/.{0,40}[ぁ-んァ-ヶ一-龠].{0,20}/u)).toBeNull();
  });

  test.each(everyPage)('%s loads nothing that its policy forbids', async (path) => {
    const { response, html } = await get(path);
    const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(
      response.headers.get('content-security-policy') ?? '',
    )?.[1];
    for (const [tag] of html.matchAll(/<(script|style)\b[^>]*>/g)) {
      expect(tag).toContain(`nonce="${String(nonce)}"`);
    }
    expect(html).not.toMatch(/\s(style|on[a-z]+)="/);
  });

  test.each(everyPage)('%s shows HTML of its data as text', async (path) => {
    const evil = '"\'><script>alert(1)</script>';
    api.account = { ...HANA, displayName: evil };
    const texts = { nameJa: evil, nameEn: evil, descriptionJa: evil, descriptionEn: evil };
    api.products = [aProduct({ ...texts, category: evil, picture: evil })];
    api.highlights = { nameJa: `<mark>${evil}</mark>` };
    api.facets = { ...api.facets, categories: [{ category: evil, count: 1 }] };
    const [line] = anOrder().lines;
    api.orders = [
      anOrder({
        lines: [{ ...line!, ...texts, sku: evil }],
        reason: evil,
        payment: { url: `javascript:${evil}`, qrSvg: evil, expiresAt: null, paidAt: null },
      }),
    ];
    const { html } = await get(path.replace('q=x', `q=${encodeURIComponent(evil)}`));
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('href="javascript:');
  });
});

describe('who comes for the first time', () => {
  test('gets one session, whatever the page asks for', async () => {
    const response = await store.request('/cart', { headers: { accept: 'text/html' } });
    const cookies = response.headers.getSetCookie();
    expect(cookies).toEqual(['sid=s-1; Path=/; HttpOnly']);
  });

  test('gets the catalogue while the sessions are away', async () => {
    api.problems.set('GET /api/session', { status: 503 });
    expect((await get('/')).status).toBe(200);
    expect((await get('/products/TEA-SENCHA-100')).html).toContain('カートが使えません');
  });

  test('keeps the language that was asked for', async () => {
    const { response } = await get('/?lang=en');
    expect(response.headers.getSetCookie().join()).toMatch(/^lang=en; .*Path=\//);
  });
});

test('the API is asked at the host that was asked, and told where a form comes from', async () => {
  const asked: [string, string | null][] = [];
  const { fetch } = api;
  const site = createStorefront({
    ui: { render, assets: { styles: [], script: '', ofIsland: () => [] } },
    api: (address, init) => {
      asked.push([new URL(address).host, new Headers(init.headers).get('origin')]);
      return fetch(address, init);
    },
    now: () => NOON,
    sandboxUrl: null,
    report: (error) => reported.push(error),
  });
  const origin = 'https://shop.example';
  const body = new URLSearchParams({ csrf: CSRF });
  const headers = { ...BROWSER, origin };
  await site.request(`${origin}/sign-out`, { method: 'POST', headers, body });
  expect(asked).toEqual([['shop.example', origin]]);
});

describe('without script', () => {
  test('a product goes into the cart, on top of what is there', async () => {
    api.cart.set('TEA-SENCHA-100', 1);
    const sent = await post('/cart/lines', { csrf: CSRF, sku: 'TEA-SENCHA-100', quantity: '2' });
    expect(sent.location).toBe('/products/TEA-SENCHA-100?added=1');
    expect(api.cart.get('TEA-SENCHA-100')).toBe(3);
    expect((await get('/products/TEA-SENCHA-100?added=1')).html).toContain('カートに入れました');
  });

  test('the cart is changed and emptied', async () => {
    api.cart.set('TEA-SENCHA-100', 1);
    const line = { csrf: CSRF, sku: 'TEA-SENCHA-100', quantity: '4' };
    expect((await post('/cart', line)).location).toBe('/cart');
    expect(api.cart.get('TEA-SENCHA-100')).toBe(4);
    await post('/cart', { ...line, remove: '1' });
    expect([...api.cart]).toEqual([]);
  });

  test('a form of another site changes nothing', async () => {
    const sent = await post('/cart/lines', { sku: 'TEA-SENCHA-100', quantity: '2' });
    expect(sent.status).toBe(403);
    expect([...api.cart]).toEqual([]);
  });

  test('one signs in, and is back where one was', async () => {
    const page = await get('/checkout');
    expect(page.response.headers.get('location')).toBe('/sign-in?next=%2Fcheckout');
    const sent = await post('/sign-in', {
      csrf: CSRF,
      email: 'h@x.jp',
      password: 'p',
      next: '/checkout',
    });
    expect(sent.location).toBe('/checkout');
    expect(sent.response.headers.getSetCookie()).toEqual(['sid=s-2; Path=/; HttpOnly']);
  });

  test.each(['//evil.example', 'https://evil.example'])('never at %s', async (next) => {
    const sent = await post('/sign-in', { csrf: CSRF, email: 'h@x.jp', password: 'p', next });
    expect(sent.location).toBe('/');
  });

  test('one signs out, here or everywhere', async () => {
    await post('/sign-out', { csrf: CSRF });
    await post('/sign-out', { csrf: CSRF, everywhere: '1' });
    expect(api.changes).toEqual(['DELETE /api/session', 'DELETE /api/session?everywhere=true']);
  });
});

describe('what is wrong is said beside the field', () => {
  test('of the sign-in, which keeps the e-mail and never the password', async () => {
    api.problems.set('POST /api/session', { status: 401 });
    const sent = await post('/sign-in', { csrf: CSRF, email: 'h@x.jp', password: 'secret-word' });
    expect(sent.status).toBe(422);
    expect(sent.html).toMatch(/aria-invalid="true"[^>]*aria-describedby="password-fault"/);
    expect(sent.html).toContain('value="h@x.jp"');
    expect(sent.html).not.toContain('secret-word');
  });

  test('of the sign-up', async () => {
    const faults = [{ field: 'password', message: 'has less than 10 characters' }];
    api.problems.set('POST /api/accounts', { status: 422, faults });
    const sent = await post('/sign-up', {
      csrf: CSRF,
      email: 'h@x.jp',
      password: 'x',
      displayName: 'H',
    });
    expect(sent.html).toContain('id="password-fault"');
    expect(sent.html).not.toContain('id="email-fault"');
  });

  test('that the e-mail is taken', async () => {
    api.problems.set('POST /api/accounts', { status: 409 });
    const sent = await post('/sign-up', {
      csrf: CSRF,
      email: 'h@x.jp',
      password: 'x',
      displayName: 'H',
    });
    expect(sent.html).toContain('登録済みです');
  });
});

describe('ordering', () => {
  beforeEach(() => {
    api.account = HANA;
    api.cart.set('TEA-SENCHA-100', 2);
  });
  const keyOf = (html: string) => /name="key" value="([^"]+)"/.exec(html)?.[1] ?? '';

  test('a page sent twice is one order: its key is made with the page', async () => {
    const key = keyOf((await get('/checkout')).html);
    expect(key).toMatch(/^[\da-f-]{36}$/);
    const fields = { csrf: CSRF, key, total: '2160' };
    const sent = [await post('/checkout', fields), await post('/checkout', fields)];
    expect(sent.map(({ location }) => location)).toEqual(Array(2).fill('/orders/ORD-1/payment'));
    expect(api.changes).toEqual(Array(2).fill(`POST /api/orders {"expectedTotal":2160} (${key})`));
    expect(keyOf((await get('/checkout')).html)).not.toBe(key);
  });

  test('a price that has changed is shown before anything is ordered', async () => {
    const key = 'key-of-the-first-page';
    api.problems.set('POST /api/orders', {
      status: 409,
      code: 'price-changed',
      currentTotal: 2300,
    });
    const sent = await post('/checkout', { csrf: CSRF, key, total: '2000' });
    expect(sent.status).toBe(409);
    expect(sent.html).toContain('価格が変わりました');
    expect(sent.html).toContain('name="total" value="2160"');
    expect(keyOf(sent.html)).not.toBe(key);
  });

  test('with more than there is, the cart says so first', async () => {
    api.products = [aProduct({ available: 1 })];
    expect((await get('/checkout')).response.headers.get('location')).toBe('/cart');
    expect((await get('/cart')).html).toContain('在庫は残り1点です');
  });

  test('an order that came to nothing gives its lines back to the cart', async () => {
    api.cart.clear();
    api.cart.set('OTHER', 1);
    api.orders = [anOrder({ status: 'FAILED', reason: 'payment: EXPIRED' })];
    expect((await get('/orders/ORD-1/payment')).html).toContain('action="/orders/ORD-1/again"');
    expect((await post('/orders/ORD-1/again', { csrf: CSRF })).location).toBe('/cart');
    expect([...api.cart]).toEqual([
      ['OTHER', 1],
      ['TEA-SENCHA-100', 2],
    ]);
  });
});

describe('the payment page', () => {
  beforeEach(() => (api.account = HANA));

  test('has amount, code, way to pay and the time that is left, by the server’s clock', async () => {
    api.orders = [anOrder()];
    const { html } = await get('/orders/ORD-1/payment', { 'accept-language': 'en' });
    for (const part of [
      '¥2,160',
      'data:image/svg+xml,',
      'href="https://pay.example/pay/1"',
      '4:50',
    ]) {
      expect(html).toContain(part);
    }
    expect(html).toContain('aria-current="step"');
  });

  test.each([
    ['payment: FAILED', 'did not go through'],
    ['payment: EXPIRED', 'ran out'],
    ['TEA-SENCHA-100: not enough', 'sold out'],
  ])('of an order that failed by %s says why', async (reason, words) => {
    api.orders = [anOrder({ status: 'FAILED', reason })];
    const { html } = await get('/orders/ORD-1/payment', { 'accept-language': 'en' });
    expect(html).toContain(words);
    expect(html).not.toContain('Open PayPay');
  });
});

describe('when the API says no', () => {
  test.each([
    [404, 404, 'ページが見つかりません'],
    [400, 404, 'ページが見つかりません'],
    [503, 503, 'まもなく戻ります'],
    [504, 503, 'まもなく戻ります'],
    [429, 429, '少しお待ちください'],
    [500, 500, '申し訳ありません'],
  ])('%i is a page that says what to do', async (said, shown, words) => {
    api.problems.set('GET /api/products', { status: said });
    const { status, html } = await get('/');
    expect(status).toBe(shown);
    expect(html).toContain(words);
    expect(reported).toHaveLength(said === 500 ? 1 : 0);
  });

  test('signed out meanwhile, one signs in and comes back', async () => {
    expect((await get('/orders?page=2')).response.headers.get('location')).toBe(
      `/sign-in?next=${encodeURIComponent('/orders?page=2')}`,
    );
  });

  test('nothing found helps on', async () => {
    api.products = [];
    const { html } = await get('/?q=zzz');
    expect(html).toContain('「zzz」は見つかりませんでした');
    expect(html).toContain('href="/?category=coffee"');
  });

  test('a search that is limited says so', async () => {
    api.isSearchable = false;
    expect((await get('/?q=x')).html).toContain('検索の一部を休止');
  });
});

test('what is none of its pages is left to others', async () => {
  for (const path of ['/api/none', '/ops', '/pictures/x.svg', '/actuator/health']) {
    expect((await get(path)).html).not.toContain('<html');
  }
  const { status } = await store.request('/none', { headers: { accept: 'application/json' } });
  expect(status).toBe(404);
});
