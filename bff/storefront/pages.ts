/** What each page of the store is rendered with. */
export interface StorePages {
  readonly problem: { readonly status: number };
}
