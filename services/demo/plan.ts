/** How a shopper of the demo behaves, and what is to come of that. */
export interface Shopper {
  readonly orderNo: string;
  readonly behaviour: 'pays' | 'declines' | 'leaves';
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly unitPrice: number;
  }[];
  /** What goes wrong on the provider's side, as the sandbox takes it; undefined: nothing. */
  readonly faults: object | undefined;
  readonly expected: 'PAID' | 'FAILED';
}

/** Which share of orders meets what, 0 to 1. */
export interface Shares {
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  readonly declined: number;
  readonly expired: number;
}

/** Of the demonstration: 10% lost, 10% doubled, 5% late webhooks, 5% declined and 5% expired payments. */
export const SHARES: Shares = {
  lost: 0.1,
  doubled: 0.1,
  late: 0.05,
  declined: 0.05,
  expired: 0.05,
};

/** Later than shoppers like, and sooner than the objective of a minute. */
const LATE_MS = 20_000;
/** Who leaves is waited for this long. */
const EXPIRES_MS = 20_000;
const MOST_LINES = 3;
const MOST_PIECES = 3;

/** What can be bought. */
export interface Offer {
  readonly sku: string;
  readonly price: number;
}

/**
 * Orders with what their shoppers do and what goes wrong: exactly the shares, spread by chance.
 *
 * @param random a number from 0 (inclusive) to 1 (exclusive)
 */
export function demoPlan(
  count: number,
  {
    run,
    offers,
    shares,
    random,
  }: {
    readonly run: string;
    readonly offers: readonly Offer[];
    readonly shares: Shares;
    readonly random: () => number;
  },
): Shopper[] {
  const behaviours = dealt(count, random, [
    ['declines', shares.declined],
    ['leaves', shares.expired],
  ]);
  const webhooks = dealt(count, random, [
    ['lost', shares.lost],
    ['doubled', shares.doubled],
    ['late', shares.late],
  ]);
  return Array.from({ length: count }, (_, i): Shopper => {
    const behaviour = (behaviours[i] ?? 'pays') as Shopper['behaviour'];
    const webhook = faultOf(webhooks[i]);
    const payment = behaviour === 'leaves' ? { expiresAfterMs: EXPIRES_MS } : undefined;
    const faults =
      webhook || payment ? { ...(webhook && { webhook }), ...(payment && { payment }) } : undefined;
    return {
      orderNo: `ORD-${run}-${String(i + 1).padStart(4, '0')}`,
      behaviour,
      lines: linesOf(offers, random),
      faults,
      expected: behaviour === 'pays' ? 'PAID' : 'FAILED',
    };
  });
}

function faultOf(webhook: string | undefined): object | undefined {
  switch (webhook) {
    case 'lost':
      return { lost: true };
    case 'doubled':
      return { twice: true };
    case 'late':
      return { delayMs: LATE_MS };
    case undefined:
    default:
      return undefined;
  }
}

/** Deals out words to `count` places, each as often as its share says. */
function dealt(
  count: number,
  random: () => number,
  shares: readonly (readonly [string, number])[],
): (string | undefined)[] {
  const cards = shares.flatMap(([word, share]) =>
    Array.from({ length: Math.round(share * count) }, (): string | undefined => word),
  );
  const all = [
    ...cards,
    ...Array.from({ length: Math.max(0, count - cards.length) }, () => undefined),
  ];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

function linesOf(offers: readonly Offer[], random: () => number): Shopper['lines'] {
  const bought = new Map<string, Shopper['lines'][number]>();
  const lines = 1 + Math.floor(random() * MOST_LINES);
  for (let i = 0; i < lines; i++) {
    const { sku, price } = offers[Math.floor(random() * offers.length)]!;
    const quantity = 1 + Math.floor(random() * MOST_PIECES);
    bought.set(sku, { sku, quantity, unitPrice: price });
  }
  return [...bought.values()];
}
