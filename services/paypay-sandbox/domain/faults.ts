import { z } from 'zod';

/** A day: longer than any test or demonstration waits. */
const MAX_WAIT_MS = 86_400_000;
const waitMs = () => z.int().min(0).max(MAX_WAIT_MS);

/** The API's calls as faults name them; `details` is every one that only reads. */
export const CALLS = ['create', 'details', 'delete', 'refund', 'cancel'] as const;
export type Call = (typeof CALLS)[number];

const webhookFaults = z.strictObject({
  /** None is sent. */
  lost: z.boolean().optional(),
  delayMs: waitMs().optional(),
  twice: z.boolean().optional(),
  /** Held back until a later one of the same payment has gone out, or `delayMs` (10 s without) has passed. */
  outOfOrder: z.boolean().optional(),
  /**
   * `source`: with each true webhook another one, which claims COMPLETED and comes from another address.
   * `state`: one that claims COMPLETED when the code is created, from the true address.
   */
  forged: z.enum(['source', 'state']).optional(),
});

const apiFaults = z
  .strictObject({
    slowMs: waitMs().optional(),
    status: z.literal([429, 500, 503]).optional(),
    /** Only this call; default: all. */
    path: z.enum(CALLS).optional(),
    /** How many calls are hit; default: all until the faults are changed. */
    times: z.int().min(1).optional(),
    /** The call is carried out, and only its answer is slow, an error or (with neither of them) lost. */
    after: z.boolean().optional(),
  })
  .refine((api) => api.slowMs !== undefined || api.status !== undefined || api.after === true, {
    error: 'does nothing: give slowMs, status or after',
  });

const paymentFaults = z.strictObject({
  /** The code can be paid for this long from its creation on, instead of the usual time. */
  expiresAfterMs: z.int().min(1000).max(MAX_WAIT_MS).optional(),
  /** The shopper is paying until a second after the code's expiry, and it succeeds then, whatever was deleted meanwhile. */
  completesAfterExpiry: z.boolean().optional(),
  /** A payment that was COMPLETED fails this much later. */
  failsAfterMs: waitMs().optional(),
  /** A payment that was declined is COMPLETED this much later. */
  succeedsAfterMs: waitMs().optional(),
});

/** All that goes wrong for one order, or for those without a set of their own. */
export const faultSetSchema = z.strictObject({
  webhook: webhookFaults.optional(),
  api: apiFaults.optional(),
  payment: paymentFaults.optional(),
});

export type FaultSet = z.output<typeof faultSetSchema>;
export type ApiFault = NonNullable<FaultSet['api']>;

/** Whose faults: one order's (by its number), or (null) those of every other one. */
export type FaultScope = string | null;

interface Held {
  readonly set: FaultSet;
  /** Calls that its `api.times` has hit. */
  readonly used: number;
}

export const NO_FAULTS: FaultSet = {};

/**
 * The faults that are switched on. A value: `with…` give another one.
 *
 * @example
 * const faults = Faults.none.withSet('ORD-1', { webhook: { lost: true } });
 * faults.of('ORD-1-2').webhook?.lost; // true: ORD-1-2 is a payment of ORD-1
 */
export class Faults {
  static readonly none = new Faults(new Map());

  readonly #sets: ReadonlyMap<FaultScope, Held>;

  private constructor(sets: ReadonlyMap<FaultScope, Held>) {
    this.#sets = sets;
  }

  /** `set` instead of the scope's former one; undefined: none any more. */
  withSet(scope: FaultScope, set: FaultSet | undefined): Faults {
    const sets = new Map(this.#sets);
    if (set) sets.set(scope, { set, used: 0 });
    else sets.delete(scope);
    return new Faults(sets);
  }

  /** One call more was hit by the scope's API faults. */
  withUse(scope: FaultScope): Faults {
    const held = this.#sets.get(scope);
    if (!held) return this;
    return new Faults(new Map(this.#sets).set(scope, { ...held, used: held.used + 1 }));
  }

  /** What a scope was set to. */
  setOf(scope: FaultScope): FaultSet | undefined {
    return this.#sets.get(scope)?.set;
  }

  /** Every set, by its scope. */
  all(): readonly (readonly [FaultScope, FaultSet])[] {
    return [...this.#sets].map(([scope, { set }]) => [scope, set] as const);
  }

  /** The faults of a payment: its order's set (the longest number that fits), else the default one, never both. */
  of(merchantPaymentId: string): FaultSet {
    return this.setOf(this.#scopeOf(merchantPaymentId)) ?? NO_FAULTS;
  }

  /**
   * What hits a call now, and whose fault it is; undefined: nothing.
   *
   * @param merchantPaymentId undefined: of none that is known, so only the default faults apply
   */
  hitting(
    call: Call,
    merchantPaymentId: string | undefined,
  ): { readonly scope: FaultScope; readonly fault: ApiFault } | undefined {
    const scope = merchantPaymentId === undefined ? null : this.#scopeOf(merchantPaymentId);
    const held = this.#sets.get(scope);
    const fault = held?.set.api;
    if (!held || !fault) return undefined;
    if (fault.path !== undefined && fault.path !== call) return undefined;
    if (fault.times !== undefined && held.used >= fault.times) return undefined;
    return { scope, fault };
  }

  #scopeOf(merchantPaymentId: string): FaultScope {
    let orderNo = merchantPaymentId;
    while (orderNo !== '' && !this.#sets.has(orderNo)) {
      orderNo = orderNo.slice(0, Math.max(orderNo.lastIndexOf('-'), 0));
    }
    return orderNo === '' ? null : orderNo;
  }
}
