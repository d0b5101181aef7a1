/** What each page of the store is rendered with. */
import type { Cart, OrderDetail, OrderPage, ProductDetail, ProductPageView } from '../contract.ts';

/** What the catalogue was asked for, as in the address. */
export interface CatalogueQuery {
  readonly q?: string;
  readonly category?: string;
  readonly priceFrom?: string;
  readonly priceTo?: string;
  readonly page?: string;
}

export type SignInFault = 'wrong' | 'too-often' | 'again';
export type SignUpField = 'email' | 'password' | 'displayName';
/** `odd`: not as it has to be; the page says how that is. */
export type SignUpFault = 'missing' | 'odd' | 'taken';

export interface StorePages {
  readonly catalogue: { readonly query: CatalogueQuery; readonly found: ProductPageView };
  readonly product: {
    readonly product: ProductDetail;
    /** Just put into the cart, without script. */
    readonly isAdded: boolean;
  };
  readonly cart: { readonly cart: Cart };
  readonly 'sign-in': {
    readonly next: string;
    readonly email: string;
    readonly fault: SignInFault | null;
  };
  readonly 'sign-up': {
    readonly next: string;
    readonly email: string;
    readonly displayName: string;
    readonly faults: Readonly<Partial<Record<SignUpField, SignUpFault>>>;
    readonly fault: 'too-often' | 'again' | null;
  };
  readonly checkout: {
    readonly cart: Cart;
    /** Made with the page: however often it is sent, it is one order. */
    readonly idempotencyKey: string;
    readonly notice: 'price-changed' | 'again' | null;
  };
  readonly payment: { readonly order: OrderDetail };
  readonly orders: { readonly orders: OrderPage };
  readonly order: { readonly order: OrderDetail };
  readonly problem: { readonly status: number };
}
