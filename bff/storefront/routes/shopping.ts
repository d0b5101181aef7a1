/** Catalogue, product, cart. */
import type { Hono } from 'hono';
import { localPath } from '../local-path.ts';
import type { CatalogueQuery } from '../pages.ts';
import type { Route, StoreVisit } from './route.ts';
import { formOf } from './route.ts';

/** Fills rows of two, three and four. */
const PAGE_SIZE = '24';
const MAX_QUANTITY = 999;

export function addShopping(app: Hono, route: Route): void {
  app.get(
    '/',
    route(async (visit) => {
      const query = queryOf(visit);
      const { q, category, priceFrom, priceTo, page } = query;
      const found = await visit.call('GET /api/products', {
        query: { q, category, priceFrom, priceTo, page, pageSize: PAGE_SIZE, lang: visit.lang },
      });
      return visit.page('catalogue', { query, found });
    }),
  );

  app.get(
    '/products/:sku',
    route(async (visit) => {
      const params = { sku: visit.c.req.param('sku') ?? '' };
      const product = await visit.call('GET /api/products/{sku}', { params });
      return visit.page('product', { product, isAdded: visit.c.req.query('added') === '1' });
    }),
  );

  app.get(
    '/cart',
    route(async (visit) => {
      await visit.session();
      return visit.page('cart', { cart: await visit.call('GET /api/cart', {}) });
    }),
  );

  // What is in the cart already stays: this many more.
  app.post(
    '/cart/lines',
    route(async (visit) => {
      const form = await formOf(visit);
      const params = { sku: form('sku') };
      const { lines } = await visit.call('GET /api/cart', {});
      const before = lines.find(({ sku }) => sku === params.sku)?.quantity ?? 0;
      const quantity = Math.min(MAX_QUANTITY, before + wholeOf(form('quantity'), 1));
      await visit.call('PUT /api/cart/lines/{sku}', {
        params,
        body: { quantity },
        csrf: form('csrf'),
      });
      return visit.goTo(`${localPath(`/products/${encodeURIComponent(params.sku)}`)}?added=1`);
    }),
  );

  app.post(
    '/cart',
    route(async (visit) => {
      const form = await formOf(visit);
      const params = { sku: form('sku') };
      const csrf = form('csrf');
      const quantity = form('remove') === '' ? wholeOf(form('quantity'), 0) : 0;
      await visit.call('PUT /api/cart/lines/{sku}', { params, body: { quantity }, csrf });
      return visit.goTo('/cart');
    }),
  );
}

/** Only what means something: whatever else is in the address is not asked for, and in no link. */
function queryOf(visit: StoreVisit): CatalogueQuery {
  const asked = (name: string) => visit.c.req.query(name)?.trim() ?? '';
  const whole = (name: string) => (/^\d{1,9}$/.test(asked(name)) ? asked(name) : '');
  const page = Math.min(10_000, Number(whole('page')));
  const query = {
    q: asked('q').slice(0, 200),
    category: asked('category').slice(0, 64),
    priceFrom: whole('priceFrom'),
    priceTo: whole('priceTo'),
    page: page > 1 ? String(page) : '',
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

function wholeOf(text: string, least: number): number {
  const value = Math.trunc(Number(text));
  return Number.isFinite(value) ? Math.max(least, Math.min(MAX_QUANTITY, value)) : least;
}
