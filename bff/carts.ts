import type { Cache } from './cache/cache.ts';
import { MAX_LINES, MAX_QUANTITY, type LineWish } from './contract.ts';
import { ApiProblem } from './problems.ts';
import type { Session } from './sessions.ts';

const ACCOUNT_MS = 30 * 24 * 3_600_000;
const SESSION_MS = 12 * 3_600_000;

type Owner = Pick<Session, 'account' | 'cartId'>;

/** What somebody would like to order: the account's, or the session's as long as nobody is signed in. */
export class Carts {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  async lines(owner: Owner): Promise<LineWish[]> {
    const fields = await this.#cache.readMap(keyOf(owner));
    return [...fields]
      .map(([sku, quantity]) => ({ sku, quantity: Number(quantity) }))
      .sort((a, b) => (a.sku < b.sku ? -1 : 1));
  }

  async replace(owner: Owner, lines: readonly LineWish[]): Promise<void> {
    await this.#cache.replaceMap(keyOf(owner), fieldsOf(lines), ttlOf(owner));
  }

  /** @throws {ApiProblem} when it holds as many lines as an order can have */
  async put(owner: Owner, line: LineWish): Promise<void> {
    if (line.quantity === 0) return this.remove(owner, [line.sku]);
    const lines = await this.lines(owner);
    if (lines.length >= MAX_LINES && !lines.some(({ sku }) => sku === line.sku))
      throw new ApiProblem(422, `a cart has at most ${MAX_LINES} different products`);
    await this.#cache.writeMap(keyOf(owner), fieldsOf([line]), ttlOf(owner));
  }

  async remove(owner: Owner, skus: readonly string[]): Promise<void> {
    await this.#cache.removeFromMap(keyOf(owner), skus);
  }

  /** At the sign-in: what was chosen last counts. */
  async move(from: Owner, to: Owner): Promise<void> {
    if (from.account) return;
    const [chosen, before] = [await this.lines(from), await this.lines(to)];
    if (chosen.length === 0) return;
    const merged = new Map([...fieldsOf(chosen), ...notIn(before, chosen)]);
    await this.#cache.replaceMap(keyOf(to), new Map([...merged].slice(0, MAX_LINES)), ttlOf(to));
    await this.#cache.delete(keyOf(from));
  }
}

function notIn(lines: readonly LineWish[], others: readonly LineWish[]): Map<string, string> {
  return fieldsOf(lines.filter(({ sku }) => !others.some((other) => other.sku === sku)));
}

function fieldsOf(lines: readonly LineWish[]): Map<string, string> {
  return new Map(lines.map(({ sku, quantity }) => [sku, String(Math.min(quantity, MAX_QUANTITY))]));
}

function keyOf({ account, cartId }: Owner): string {
  return account ? `cart:account:${account.accountId}` : `cart:session:${cartId}`;
}

function ttlOf({ account }: Owner): number {
  return account ? ACCOUNT_MS : SESSION_MS;
}
