import { indices, searchable, suggestInputs, type ProductDocument } from '#kit';
import { topics, type ProductEvent } from '#schemas';
import { source, type Change, type Projection } from './projection.ts';

/** The catalogue: one document for each product, as its event with the highest version says. */
export function productsProjection(): Projection<ProductDocument> {
  return { index: indices.products, sources: [source(topics.productEvent, productChange)] };
}

export function productChange(event: ProductEvent): Change<ProductDocument> | undefined {
  // Of a kind that a later version of this service may know: then the index is built anew.
  if (event.type === 'UNKNOWN') return undefined;
  const { type, ...product } = event;
  const listed = type === 'LISTED';
  const ja = suggestInputs(product.nameJa, 'ja');
  const en = suggestInputs(product.nameEn, 'en');
  const document = {
    ...product,
    listed,
    text: {
      nameJa: searchable(product.nameJa),
      nameEn: searchable(product.nameEn),
      descriptionJa: searchable(product.descriptionJa),
      descriptionEn: searchable(product.descriptionEn),
    },
    ...(listed && {
      suggest: { ...(ja.length > 0 && { ja }), ...(en.length > 0 && { en }) },
    }),
  };
  return { id: product.sku, version: product.version, document };
}
