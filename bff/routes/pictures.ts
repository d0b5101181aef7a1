import { Hono } from 'hono';
import { pictureOf } from '#kit';
import { sku } from '../contract.ts';
import type { BffDeps, BffEnv } from '../deps.ts';
import { notFound } from '../problems.ts';

/** Products' pictures: drawn when asked for, the same for ever. */
export function pictureRoutes({ catalogue }: Pick<BffDeps, 'catalogue'>): Hono<BffEnv> {
  const api = new Hono<BffEnv>();
  api.get('/pictures/:file{.+\\.svg}', async (c) => {
    const read = sku.safeParse(c.req.param('file').replace(/\.svg$/, ''));
    const offer = read.success && (await catalogue.offers([read.data])).get(read.data);
    if (!offer) throw notFound('picture');
    const { category, nameEn: name, nameJa: title } = offer;
    const picture = pictureOf({ sku: offer.sku, category, name, title });
    return c.body(picture, 200, {
      'content-type': 'image/svg+xml',
      'cache-control': 'public, max-age=86400',
    });
  });
  return api;
}
