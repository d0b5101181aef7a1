import { Hono } from 'hono';
import { productsQuery, sku, suggestQuery } from '../contract.ts';
import type { BffDeps, BffEnv } from '../deps.ts';
import { ApiProblem, notFound } from '../problems.ts';
import { pathOf, queryOf } from '../requests.ts';

export function productRoutes({ catalogue }: Pick<BffDeps, 'catalogue'>): Hono<BffEnv> {
  const api = new Hono<BffEnv>();
  api.get('/api/products', async (c) => {
    const query = queryOf(c, productsQuery);
    const page = await catalogue.search(query).catch((error: unknown) => {
      if (error instanceof RangeError) throw new ApiProblem(400, error.message);
      throw error;
    });
    return c.json(page);
  });
  api.get('/api/products/suggest', async (c) => {
    const { q, lang = 'ja' } = queryOf(c, suggestQuery);
    return c.json({ suggestions: await catalogue.suggest(q, lang) });
  });
  api.get('/api/products/:sku', async (c) => {
    const detail = await catalogue.detail(pathOf(c, 'sku', sku));
    if (!detail) throw notFound('product');
    return c.json(detail);
  });
  return api;
}
