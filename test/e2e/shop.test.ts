/** The shop as people use it: a browser, the whole stack, the provider's sandbox. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SandboxClient } from '../../services/demo/sandbox-client.ts';
import { startInfra, type Infra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';
import { seriousFaults, startBrowser } from '../support/browser.ts';
import { eventually } from '../support/kafka.ts';
import { ShopStack } from '../support/shop-stack.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';

/** To be looked at by people. */
const SCREENSHOTS = new URL('../../.local/screenshots/', import.meta.url).pathname;
const PASSWORD = 'correct horse battery';
const SKU = 'TEA-SENCHA-100';
const GRACE_MS = 8000;

let infra: Infra;
let folder: TemporaryFolder;
let shop: ShopStack;
let browser: Browser;
let sandbox: SandboxClient;
let url: string;

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [infra, browser] = await Promise.all([
    startInfra({ dataDir: testFolder(), temporary: true }),
    startBrowser(),
  ]);
  folder = await temporaryFolder();
  const quick = { GRACE_MS: String(GRACE_MS), ALLOWED_LATENESS_MS: '1000', FIRST_POLL_MS: '2000' };
  shop = await ShopStack.start({ ...infra.addresses, ...quick }, folder.path);
  url = shop.urlOf('bff');
  const sleep = async (ms: number) => {
    await delay(ms);
  };
  sandbox = new SandboxClient(shop.urlOf('paypay-sandbox'), sleep);
  const catalogue = spawnSync(process.execPath, ['services/catalogue/main.ts'], {
    env: { ...process.env, ...shop.env },
  });
  expect(catalogue.status).toBe(0);
  await eventually('the catalogue', async () => {
    const answer = await fetch(`${url}/api/products?q=sencha`);
    const page = (await answer.json()) as { products?: { available: number | null }[] };
    return page.products?.some(({ available }) => (available ?? 0) > 0);
  });
});
afterAll(async () => {
  await browser.close();
  await shop[Symbol.asyncDispose]();
  await infra.stop();
  await folder[Symbol.asyncDispose]();
});

test('a shopper searches, buys and pays, and the page moves by itself', async () => {
  await using visit = await Visit.open();
  const { page } = visit;
  await page.goto(url);
  await page.getByRole('combobox').fill('senc');
  await page.getByRole('option').first().waitFor();
  // A slip of the finger is forgiven.
  await page.getByRole('combobox').fill('sencah');
  await page.getByRole('combobox').press('Enter');
  await page
    .getByRole('link', { name: /Sencha/ })
    .first()
    .waitFor();
  const orderNo = await visit.order();
  await stage(page, 'waiting');
  await sandbox.act(orderNo, 'pay');
  await stage(page, 'paid');
  await page.goto(`${url}/orders/${orderNo}`);
  await page.getByText('Payment confirmed').waitFor();
});

test.each([
  ['declined', undefined, 'decline'],
  ['expired', { payment: { expiresAfterMs: 4000 } }, undefined],
] as const)('a payment that is %s says so, and leads back', async (wanted, faults, act) => {
  await using visit = await Visit.open();
  if (faults) await fetch(`${shop.urlOf('paypay-sandbox')}/sandbox/faults/default`, put(faults));
  const orderNo = await visit.order();
  if (act) await sandbox.act(orderNo, act);
  await stage(visit.page, wanted);
  await fetch(`${shop.urlOf('paypay-sandbox')}/sandbox/faults/default`, { method: 'DELETE' });
  await visit.page.locator('.actions button').click();
  await visit.page.waitForURL(/\/cart/);
  await visit.page.getByText('Sencha').first().waitFor();
});

test('a lost webhook is made up for by asking, without a reload, in both tabs', async () => {
  await using visit = await Visit.open();
  const orderNo = await visit.order();
  const second = await visit.context.newPage();
  await second.goto(visit.page.url());
  await Promise.all([stage(visit.page, 'waiting'), stage(second, 'waiting')]);
  await sandbox.setFaults(orderNo, { webhook: { lost: true } });
  await sandbox.act(orderNo, 'pay');
  await Promise.all([stage(visit.page, 'paid'), stage(second, 'paid')]);
});

test('the page says that it has lost the connection, and comes back by itself', async () => {
  await using visit = await Visit.open();
  const orderNo = await visit.order();
  await stage(visit.page, 'waiting');
  await shop.kill('bff');
  await visit.page.locator('.connection .note').waitFor();
  await shop.run('bff');
  await shop.untilUp('bff');
  await sandbox.act(orderNo, 'pay');
  await stage(visit.page, 'paid');
});

test('without sessions nobody gets in, everybody is told, and it goes on by itself', async () => {
  await using visit = await Visit.open();
  await visit.signIn('hana@example.jp');
  infra.kill('redis');
  const refused = await eventually('503', async () => {
    const answer = await fetch(`${url}/api/session`);
    return answer.status === 503 && answer;
  });
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(refused.headers.get('content-type')).toContain('application/problem+json');
  expect((await visit.page.goto(`${url}/orders`))!.status()).toBe(503);
  await infra.restart('redis');
  await eventually('sessions to be back', async () => (await fetch(`${url}/api/session`)).ok);
});

test('an alert comes to the console by itself, is decided on, and ends as resolved', async () => {
  await using visit = await Visit.open();
  const orderNo = await visit.order();
  await using operator = await Visit.open();
  await operator.signIn('ops@example.jp', '/ops');
  await operator.page.getByText('Live').waitFor();
  await sandbox.setFaults(orderNo, { payment: { succeedsAfterMs: 1000 } });
  await sandbox.act(orderNo, 'decline');
  const { page } = operator;
  await page.getByRole('link', { name: orderNo }).first().waitFor({ timeout: 60_000 });
  await page.screenshot({ path: `${SCREENSHOTS}ops-list.png` });
  await page.getByRole('link', { name: orderNo }).first().click();
  await page.getByRole('button', { name: 'Refund' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('the shopper called');
  await page.screenshot({ path: `${SCREENSHOTS}ops-dialog.png` });
  await page.getByRole('dialog').getByRole('button', { name: 'Refund' }).click();
  await page.getByText('Resolved', { exact: true }).first().waitFor({ timeout: 60_000 });
  await page.screenshot({ path: `${SCREENSHOTS}ops-resolved.png`, fullPage: true });
});

const PAGES = ['/', `/products/${SKU}`, '/cart', '/checkout', '/orders', '/nothing-here'];
const OPS = ['/ops', '/ops/overview', '/ops/orders'];

test.each([
  ['en', 1280],
  ['ja', 1280],
  ['en', 390],
  ['ja', 390],
] as const)(
  'every page in %s at %i pixels is kept as a picture, and axe finds nothing serious',
  async (lang, width) => {
    await using visit = await Visit.open(lang, width);
    const errors: string[] = [];
    visit.page.on('pageerror', (error) => errors.push(error.message));
    await visit.signIn('ops@example.jp');
    await visit.addToCart();
    for (const path of [...PAGES, ...OPS]) {
      await visit.page.goto(url + path);
      const name = `${lang}-${width}${path.replaceAll('/', '-')}`;
      await visit.page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
      const serious = await seriousFaults(visit.page);
      expect([path, serious]).toEqual([path, []]);
    }
    expect(errors).toEqual([]);
  },
);

/** A person with a browser of their own. */
class Visit implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  static async open(lang = 'en', width = 1280): Promise<Visit> {
    const context = await browser.newContext({ locale: lang, viewport: { width, height: 900 } });
    context.setDefaultTimeout(30_000);
    return new Visit(context, await context.newPage());
  }

  async signIn(email: string, next = '/'): Promise<void> {
    await this.page.goto(`${url}/sign-in?next=${encodeURIComponent(next)}`);
    await this.page.locator('input[name=email]').fill(email);
    await this.page.locator('input[name=password]').fill(PASSWORD);
    await this.page.locator('main form button.button-primary').click();
    await this.page.waitForURL(url + next);
  }

  async addToCart(): Promise<void> {
    await this.page.goto(`${url}/products/${SKU}`);
    await this.page.locator('.add-to-cart-button').click();
    await this.page.waitForFunction(
      async () => ((await (await fetch('/api/cart')).json()) as { items: number }).items > 0,
    );
  }

  /** @returns the order's number; the page is its payment's then */
  async order(): Promise<string> {
    await this.addToCart();
    await this.page.goto(`${url}/checkout`);
    if (this.page.url().includes('sign-in')) {
      await this.page.locator('input[name=email]').fill('hana@example.jp');
      await this.page.locator('input[name=password]').fill(PASSWORD);
      await this.page.locator('main form button.button-primary').click();
      await this.page.waitForURL(`${url}/checkout`);
    }
    await this.page.locator('main button.button-primary').click();
    await this.page.waitForURL(/\/payment/);
    await stage(this.page, 'waiting');
    return /ORD-[\w-]+/.exec(this.page.url())![0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.context.close();
  }
}

async function stage(page: Page, wanted: string): Promise<void> {
  await page.locator(`.payment[data-stage="${wanted}"]`).waitFor({ timeout: 60_000 });
}

function put(body: object): RequestInit {
  return {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}
