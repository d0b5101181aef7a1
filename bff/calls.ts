/**
 * The calls of the API, each once: what validates, describes (OpenAPI) and types (client) them. A call is named by its
 * method and path.
 */
import type { z } from 'zod';
import * as shop from './contract.ts';
import * as ops from './contract-ops.ts';

export interface Call {
  readonly summary: string;
  readonly params?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Whether, and how, the header `Idempotency-Key` is taken. */
  readonly idempotencyKey?: 'required' | 'optional';
  readonly status: 200 | 201 | 202 | 204;
  readonly answer?: z.ZodType;
  /** Besides those that every call has. */
  readonly problems?: readonly number[];
}

const order = { orderNo: shop.orderNo };
const ofAlert = { alertId: ops.alert.shape.alertId };

export const calls = {
  'GET /api/session': {
    summary: 'Who am I; begins a session (for a cart) where there is none',
    status: 200,
    answer: shop.session,
  },
  'POST /api/session': {
    summary: 'Signs in; the cart is kept, and the session gets another id and token',
    body: shop.signIn,
    status: 200,
    answer: shop.session,
    problems: [401],
  },
  'DELETE /api/session': {
    summary: 'Signs out, here or everywhere',
    query: shop.signOutQuery,
    status: 204,
  },
  'POST /api/accounts': {
    summary: 'Signs up, and in',
    body: shop.signUp,
    status: 201,
    answer: shop.session,
    problems: [409],
  },
  'GET /api/products': {
    summary: 'What is sold, searched and counted',
    query: shop.productsQuery,
    status: 200,
    answer: shop.productPage,
  },
  'GET /api/products/suggest': {
    summary: 'Names that begin as typed',
    query: shop.suggestQuery,
    status: 200,
    answer: shop.suggestions,
  },
  'GET /api/products/{sku}': {
    summary: 'One product, with others of its kind',
    params: { sku: shop.sku },
    status: 200,
    answer: shop.productDetail,
    problems: [404],
  },
  'GET /api/cart': { summary: 'The cart at today’s prices', status: 200, answer: shop.cart },
  'PUT /api/cart': {
    summary: 'Replaces what is in the cart',
    body: shop.cartWish,
    status: 200,
    answer: shop.cart,
  },
  'DELETE /api/cart': { summary: 'Empties the cart', status: 200, answer: shop.cart },
  'PUT /api/cart/lines/{sku}': {
    summary: 'How many of one product are in the cart',
    params: { sku: shop.sku },
    body: shop.cartLineWish,
    status: 200,
    answer: shop.cart,
    problems: [404],
  },
  'DELETE /api/cart/lines/{sku}': {
    summary: 'Takes one product out of the cart',
    params: { sku: shop.sku },
    status: 200,
    answer: shop.cart,
  },
  'POST /api/orders': {
    summary: 'Orders; the same key gives the same order',
    body: shop.orderWish,
    idempotencyKey: 'required',
    status: 202,
    answer: shop.orderAccepted,
    problems: [401, 409],
  },
  'GET /api/orders': {
    summary: 'Own orders, the latest first',
    query: shop.pageQuery,
    status: 200,
    answer: shop.orderPage,
    problems: [401],
  },
  'GET /api/orders/{orderNo}': {
    summary: 'An own order with its lines, timeline and payment',
    params: order,
    status: 200,
    answer: shop.orderDetail,
    problems: [401, 404],
  },
  'POST /api/orders/{orderNo}/channel': {
    summary: 'Another token for /ws/orders/{orderNo}, to connect again',
    params: order,
    status: 200,
    answer: shop.channelAnswer,
    problems: [401, 404],
  },
  'GET /api/ops/alerts': {
    summary: 'Alerts, the oldest open ones first',
    query: ops.alertsQuery,
    status: 200,
    answer: ops.alertPage,
  },
  'GET /api/ops/alerts/{alertId}': {
    summary: 'An alert with its order, timeline, audit, and what kafka-alert knows',
    params: ofAlert,
    status: 200,
    answer: ops.alertDetail,
    problems: [404],
  },
  'POST /api/ops/alerts/{alertId}/acknowledge': {
    summary: 'Takes an alert on',
    params: ofAlert,
    body: ops.acknowledgement,
    status: 202,
    answer: ops.decisionAccepted,
    problems: [404],
  },
  'POST /api/ops/alerts/{alertId}/actions': {
    summary: 'Decides about an alert; the same key is the same decision',
    params: ofAlert,
    body: ops.decision,
    idempotencyKey: 'optional',
    status: 202,
    answer: ops.decisionAccepted,
    problems: [404],
  },
  'GET /api/ops/orders': {
    summary: 'Orders of everybody',
    query: ops.opsOrdersQuery,
    status: 200,
    answer: ops.opsOrderPage,
  },
  'GET /api/ops/orders/{orderNo}': {
    summary: 'Any order, with its alerts and audit',
    params: order,
    status: 200,
    answer: ops.opsOrderDetail,
    problems: [404],
  },
  'GET /api/ops/overview': {
    summary: 'How the system is',
    query: ops.overviewQuery,
    status: 200,
    answer: ops.overview,
  },
} as const satisfies Readonly<Record<string, Call>>;

export type Calls = typeof calls;
export type CallName = keyof Calls;
