/** The cart as islands change it: by the API, with a word to the header's count. */
import type { Cart } from '../contract.ts';
import { callApi } from '../web/api-client.ts';

const CHANGED = 'cart-changed';
const send = (path: string, init: RequestInit) => fetch(path, init);

export async function setQuantity(sku: string, quantity: number, csrf: string): Promise<Cart> {
  const params = { sku };
  return told(
    await callApi(send, 'PUT /api/cart/lines/{sku}', { params, body: { quantity }, csrf }),
  );
}

/** So many more than there are. */
export async function addToCart(sku: string, more: number, csrf: string): Promise<Cart> {
  const { lines } = await callApi(send, 'GET /api/cart', {});
  const before = lines.find((line) => line.sku === sku)?.quantity ?? 0;
  return setQuantity(sku, before + more, csrf);
}

export function onCartChange(listener: (items: number) => void): () => void {
  const heard = (event: Event) => listener((event as CustomEvent<number>).detail);
  window.addEventListener(CHANGED, heard);
  return () => window.removeEventListener(CHANGED, heard);
}

function told(cart: Cart): Cart {
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: cart.items }));
  return cart;
}
