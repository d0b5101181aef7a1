/**
 * What goes in and out of the API: the schemas that requests are validated with, that answers are typed by, and that the
 * OpenAPI description is generated from. Runs in a browser, too: nothing but zod is imported.
 *
 * Times are epoch milliseconds (`…At`, `…Ms`), money is yen with tax, errors are RFC 9457 problem details.
 */
import { z } from 'zod';

/** As `schemas/` has them; a test compares. */
export const MAX_LINES = 100;
export const MAX_QUANTITY = 999;

const at = z.int().nonnegative();
const yen = z.int().nonnegative();
/** Of a query string. */
const wholeText = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'is no whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
/** One or several words, separated by commas. */
const listOf = <T extends string>(words: readonly [T, ...T[]]) =>
  z
    .string()
    .max(200)
    .transform((text) => text.split(',').filter((word) => word !== ''))
    .pipe(z.array(z.enum(words)));

export const sku = z.string().regex(/^[\w.-]{1,64}$/, 'is no product number');
export const orderNo = z.string().regex(/^[\w.:-]{1,64}$/, 'is no order number');
export const alertId = z.string().regex(/^[\da-fA-F-]{36}$/, 'is no alert id');
/** The `Idempotency-Key` header: a UUID, or whatever nobody else has. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'is no key: 1 to 255 visible ASCII characters');

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** What a program tells cases of one status apart by, e.g. `price-changed`. */
  code: z.string().optional(),
  /** 400, 422: every field that is wrong. */
  faults: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  /** Of `price-changed`: what it comes to now. */
  currentTotal: yen.optional(),
});

// --- Sessions and accounts ---------------------------------------------------------------------------------------

export const role = z.enum(['shopper', 'operator']);
export const session = z.object({
  /** Null: nobody is signed in. */
  account: z
    .object({ accountId: z.string(), displayName: z.string(), roles: z.array(role) })
    .nullable(),
  /** To be sent as `x-csrf-token` with every POST, PUT and DELETE. A new one after signing in. */
  csrfToken: z.string(),
  /** When it ends if nothing is asked meanwhile. */
  expiresAt: at,
  /** When it ends in any case. */
  endsAt: at,
  /** Pieces in the cart. */
  cartItems: z.int(),
});
export const signIn = z.strictObject({
  email: z.string().max(320),
  password: z.string().max(1000),
});
export const signUp = z.strictObject({
  email: z.string().max(320),
  password: z.string().max(1000),
  displayName: z.string().max(200),
});
/** `everywhere=true`: all sessions of the account. */
export const signOutQuery = z.object({ everywhere: z.enum(['true', 'false']).optional() });

// --- Catalogue ---------------------------------------------------------------------------------------------------

export const lang = z.enum(['ja', 'en']);
export const product = z.object({
  sku: z.string(),
  nameJa: z.string(),
  nameEn: z.string(),
  descriptionJa: z.string(),
  descriptionEn: z.string(),
  category: z.string(),
  price: yen,
  /** Pieces that can be ordered; null: not known. */
  available: z.int().nullable(),
  /** Path of its picture (SVG, 4:3). */
  picture: z.string(),
});
export const productHit = product.extend({
  /** HTML: escaped but for `<mark>`; only of the texts in which something was found. */
  highlights: z.object({
    nameJa: z.string().optional(),
    nameEn: z.string().optional(),
    descriptionJa: z.string().optional(),
    descriptionEn: z.string().optional(),
  }),
});
export const productsQuery = z.object({
  q: z.string().max(200).optional(),
  category: z.string().max(64).optional(),
  /** Inclusive. */
  priceFrom: wholeText(0, 1e12).optional(),
  /** Exclusive. */
  priceTo: wholeText(0, 1e12).optional(),
  lang: lang.optional(),
  page: wholeText(1, 10_000).optional(),
  pageSize: wholeText(1, 100).optional(),
});
const paging = { total: z.int(), page: z.int(), pageSize: z.int() };
export const productPage = z.object({
  ...paging,
  products: z.array(productHit),
  facets: z.object({
    categories: z.array(z.object({ category: z.string(), count: z.int() })),
    /** `to` is exclusive, null at the last one. */
    prices: z.array(z.object({ from: yen, to: yen.nullable(), count: z.int() })),
  }),
  /** False while the search engine is away: then matches are exact, without facets and highlights. */
  isSearchable: z.boolean(),
});
export const suggestQuery = z.object({ q: z.string().max(200), lang: lang.optional() });
export const suggestions = z.object({
  suggestions: z.array(z.object({ sku: z.string(), name: z.string() })),
});
export const productDetail = product.extend({
  /** False: not sold any more. */
  isListed: z.boolean(),
  /** Others of its category. */
  related: z.array(product),
});

// --- Cart and orders ---------------------------------------------------------------------------------------------

const quantity = z.int().min(1).max(MAX_QUANTITY);
export const lineWish = z.strictObject({ sku, quantity });
const wishes = z
  .array(lineWish)
  .max(MAX_LINES)
  .refine(
    (lines) => new Set(lines.map((line) => line.sku)).size === lines.length,
    'has a product twice',
  );
export const cartWish = z.strictObject({ lines: wishes });
/** 0 takes the line out. */
export const cartLineWish = z.strictObject({ quantity: z.int().min(0).max(MAX_QUANTITY) });
export const pricedLine = z.object({
  sku: z.string(),
  nameJa: z.string(),
  nameEn: z.string(),
  picture: z.string(),
  quantity: z.int(),
  unitPrice: yen,
  lineTotal: yen,
});
export const cart = z.object({
  lines: z.array(
    pricedLine.extend({
      /** False: it can't be ordered any more, and does not count. */
      isListed: z.boolean(),
      available: z.int().nullable(),
    }),
  ),
  total: yen,
  /** Pieces. */
  items: z.int(),
});

export const orderStatus = z.enum(['UNKNOWN', 'PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED']);
export const orderWish = z.strictObject({
  /** Default: what is in the cart, which is empty then. */
  lines: wishes.min(1).optional(),
  /** What the shopper was shown: 409 (`price-changed`) when it comes to something else. */
  expectedTotal: yen.optional(),
});
/** What opens `/ws/orders/{orderNo}?token=` once, within a minute, together with the session's cookie. */
const channel = { channelToken: z.string(), channelTokenExpiresAt: at };
export const channelAnswer = z.object(channel);
export const orderAccepted = z.object({
  orderNo: z.string(),
  status: orderStatus,
  totalAmount: yen,
  ...channel,
});
export const orderSummary = z.object({
  orderNo: z.string(),
  status: orderStatus,
  statusAt: at,
  createdAt: at,
  totalAmount: yen,
  paymentStatus: z.string().nullable(),
  paymentExpiresAt: at.nullable(),
});
export const pageQuery = z.object({
  page: wholeText(1, 10_000).optional(),
  pageSize: wholeText(1, 100).optional(),
});
export const orderPage = z.object({ ...paging, orders: z.array(orderSummary) });
/** One list, oldest first: what the order became, and what was seen at the provider. */
export const timelineEntry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('order'),
    at,
    status: orderStatus,
    paymentStatus: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('payment'),
    at,
    /** The provider's word. */
    status: z.string(),
    /** What it means for the money. */
    result: z.enum(['success', 'failure', 'neutral']),
    source: z.enum(['UNKNOWN', 'WEBHOOK', 'POLLING']),
    eventId: z.string(),
  }),
]);
/** Where and until when the shopper pays. */
export const payment = z.object({
  url: z.string(),
  /** An `<svg>` of the address, to be shown as it is. */
  qrSvg: z.string(),
  expiresAt: at.nullable(),
  paidAt: at.nullable(),
});
export const orderDetail = orderSummary.extend({
  reason: z.string().nullable(),
  lines: z.array(pricedLine),
  timeline: z.array(timelineEntry),
  /** Null: none was requested yet. */
  payment: payment.nullable(),
  /** The server's clock, for countdowns. */
  serverTime: at,
  ...channel,
});

// --- WebSocket of an order ---------------------------------------------------------------------------------------

const orderState = {
  orderNo: z.string(),
  status: orderStatus,
  statusAt: at,
  reason: z.string().nullable(),
  paymentStatus: z.string().nullable(),
  paymentExpiresAt: at.nullable(),
};
/** What is pushed; `snapshot` is the first one, and an older status never follows a newer one. */
export const orderMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    ...orderState,
    payment: payment.nullable(),
    serverTime: at,
  }),
  z.object({ type: z.literal('order-status'), ...orderState, serverTime: at }),
  /** The payment can be made now. */
  z.object({ type: z.literal('payment'), orderNo: z.string(), payment }),
  z.object({
    type: z.literal('payment-status'),
    orderNo: z.string(),
    status: z.string(),
    result: z.enum(['success', 'failure', 'neutral']),
    occurredAt: at,
    eventId: z.string(),
  }),
]);

export type Problem = z.output<typeof problem>;
export type Role = z.output<typeof role>;
export type SessionView = z.output<typeof session>;
export type Lang = z.output<typeof lang>;
export type Product = z.output<typeof product>;
export type ProductPageView = z.output<typeof productPage>;
export type ProductDetail = z.output<typeof productDetail>;
export type LineWish = z.output<typeof lineWish>;
export type PricedLine = z.output<typeof pricedLine>;
export type Cart = z.output<typeof cart>;
export type OrderWish = z.output<typeof orderWish>;
export type OrderAccepted = z.output<typeof orderAccepted>;
export type OrderSummary = z.output<typeof orderSummary>;
export type OrderPage = z.output<typeof orderPage>;
export type TimelineEntry = z.output<typeof timelineEntry>;
export type Payment = z.output<typeof payment>;
export type OrderDetail = z.output<typeof orderDetail>;
export type OrderMessage = z.output<typeof orderMessage>;

// Shared with the operators' half.
export { at, listOf, paging, wholeText, yen };
