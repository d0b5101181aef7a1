/** The cart: quantities change at once, and what was taken out can be put back. Without script each line is a form. */
import { useState } from 'preact/hooks';
import type { Cart } from '../../contract.ts';
import { yen } from '../../web/format.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { isOrderable, lineProblem, quantitiesUpTo } from '../cart-check.ts';
import { setQuantity } from '../live-cart.ts';
import { cartWords } from '../words/cart.ts';

type Line = Cart['lines'][number];

export interface CartLinesProps {
  readonly cart: Cart;
  readonly csrf: string;
}

export default function CartLines({ cart: first, csrf }: CartLinesProps) {
  const say = useWords(cartWords);
  const [cart, setCart] = useState(first);
  const [removed, setRemoved] = useState<Line | null>(null);
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const name = useName();

  const change = (line: Line, quantity: number) => {
    setState('busy');
    setQuantity(line.sku, quantity, csrf).then(
      (next) => {
        setCart(next);
        setRemoved(quantity === 0 ? line : null);
        setState('idle');
      },
      () => setState('failed'),
    );
  };

  return (
    <>
      <div role="status">
        {removed !== null && (
          <p class="note">
            <span>
              {say.removed(name(removed))}{' '}
              <button
                type="button"
                class="link-button"
                onClick={() => change(removed, removed.quantity)}
              >
                {say.undo}
              </button>
            </span>
          </p>
        )}
        {state === 'failed' && (
          <p class="note note-bad">
            <span aria-hidden="true">!</span>
            <span>{say.failed}</span>
          </p>
        )}
      </div>
      {cart.lines.length === 0 ? (
        <EmptyCart />
      ) : (
        <div class="cart-columns">
          <ul class="lines" aria-label={say.lines}>
            {cart.lines.map((line) => (
              <CartLine key={line.sku} line={line} csrf={csrf} change={change} />
            ))}
          </ul>
          <Summary cart={cart} isBusy={state === 'busy'} />
        </div>
      )}
    </>
  );
}

function CartLine({
  line,
  csrf,
  change,
}: {
  line: Line;
  csrf: string;
  change: (line: Line, quantity: number) => void;
}) {
  const say = useWords(cartWords);
  const name = useName()(line);
  const problem = lineProblem(line);
  const path = `/products/${encodeURIComponent(line.sku)}`;
  return (
    <li class={problem === null ? 'line' : 'line line-problem'}>
      <a href={path} tabIndex={-1} aria-hidden="true" class="line-picture">
        <img src={line.picture} alt="" width="120" height="90" loading="lazy" />
      </a>
      <div class="line-what">
        <a href={path} class="line-name">
          {name}
        </a>
        {line.isListed && <span class="small soft money">{say.each(yen(line.unitPrice))}</span>}
        {problem !== null && (
          <span class="line-fault small">! {say.problems[problem](line.available ?? 0)}</span>
        )}
      </div>
      <form
        method="post"
        action="/cart"
        class="line-change"
        onSubmit={(event) => {
          event.preventDefault();
          const isRemoval = event.submitter?.getAttribute('name') === 'remove';
          const chosen = Number(new FormData(event.currentTarget).get('quantity'));
          change(line, isRemoval ? 0 : chosen);
        }}
      >
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="sku" value={line.sku} />
        {line.isListed && (
          <select
            class="input line-quantity"
            name="quantity"
            aria-label={say.quantityOf(name)}
            value={String(line.quantity)}
            onChange={(event) => event.currentTarget.form?.requestSubmit()}
          >
            {quantitiesUpTo(line.available, line.quantity).map((each) => (
              <option key={each} value={String(each)} selected={each === line.quantity}>
                {each}
              </option>
            ))}
          </select>
        )}
        {line.isListed && (
          <noscript>
            <button class="button button-small">{say.update}</button>
          </noscript>
        )}
        <button
          class="button button-quiet button-small"
          name="remove"
          value="1"
          aria-label={say.removeOne(name)}
        >
          {say.remove}
        </button>
      </form>
      <strong class="money line-total">{line.isListed ? yen(line.lineTotal) : '—'}</strong>
    </li>
  );
}

function Summary({ cart, isBusy }: { cart: Cart; isBusy: boolean }) {
  const say = useWords(cartWords);
  return (
    <section class="summary card" aria-label={say.summary} aria-busy={isBusy}>
      <dl class="sums">
        <div class="sum sum-total">
          <dt>{say.total}</dt>
          <dd class="money" aria-live="polite">
            {yen(cart.total)}
          </dd>
        </div>
      </dl>
      <p class="small soft">{say.included}</p>
      {isOrderable(cart) ? (
        <a class="button button-primary" href="/checkout">
          {say.checkout}
        </a>
      ) : (
        <p class="note note-warn">
          <span aria-hidden="true">!</span>
          <span>{say.blocked}</span>
        </p>
      )}
      <a href="/" class="small">
        {say.goOn}
      </a>
    </section>
  );
}

function EmptyCart() {
  const say = useWords(cartWords);
  return (
    <div class="empty">
      <p>{say.empty}</p>
      <a class="button button-primary" href="/">
        {say.toCatalogue}
      </a>
    </div>
  );
}

function useName() {
  const lang = useLang();
  return ({ nameJa, nameEn }: { nameJa: string; nameEn: string }) =>
    lang === 'ja' ? nameJa : nameEn;
}
