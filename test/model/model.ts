/**
 * The alert rules again, slow and obvious: one order, every record in one list, everything looked up anew each time it is
 * asked for, every evaluation and every resolve check waiting in a list for its instant. Written from
 * `docs/alert-rules.md`, it shares no code with `topology/kafka-alert`, and the two are compared on random histories.
 */

export interface ModelOrder {
  readonly kind: 'order';
  readonly status: string;
  readonly at: number;
  readonly expiresAt: number | null;
}

export interface ModelPayment {
  readonly kind: 'payment';
  readonly status: string;
  readonly at: number;
  readonly eventId: string;
}

export type ModelRecord = ModelOrder | ModelPayment;

/** A record is read (or none), then the watermark stands at an instant. */
export interface Step {
  readonly record: ModelRecord | null;
  readonly watermark: number;
}

export interface ModelSettings {
  readonly graceMs: number;
  readonly retentionMs: number;
  readonly unknownOrder: boolean;
}

export interface ModelAlert {
  readonly ruleId: string;
  readonly eventId: string;
  readonly observed: { readonly paymentStatus: string | null; readonly orderStatus: string };
  readonly expected: { readonly orderStatus: string };
  readonly detectedAt: number;
}

export interface ModelResolution {
  readonly ruleId: string;
  readonly eventId: string;
  readonly observed: { readonly paymentStatus: string | null; readonly orderStatus: string };
  readonly resolvedAt: number;
}

export interface ModelOutput {
  readonly alerts: readonly ModelAlert[];
  readonly resolutions: readonly ModelResolution[];
  /** What happened to the records, in reading order. */
  readonly outcomes: readonly string[];
  /** Candidates kept back by dedup. */
  readonly suppressed: number;
}

/** What the rules say about a whole delivery of one order's records. */
export function judge(steps: readonly Step[], settings: ModelSettings): ModelOutput {
  const model = new Model(settings);
  for (const { record, watermark } of steps) {
    if (record !== null) model.read(record);
    model.moveTo(watermark);
  }
  return model;
}

const SUCCESS = ['COMPLETED', 'SUCCESS', 'CAPTURED'];
const FAILURE = ['FAILED', 'CANCELLED', 'CANCELED', 'EXPIRED'];
const ORDER_STATUSES = ['PENDING', 'WAITING_PAYMENT', 'PAID', 'FAILED'];

type Row = 'A' | 'B1' | 'B2' | 'C1' | 'C2' | 'check';

/** A record that was accepted; `offset` is its place in reading order. */
type Kept = ModelRecord & { readonly offset: number };

/** Something to do once the watermark has reached `d`. */
interface Pending {
  readonly row: Row;
  readonly d: number;
  readonly trigger: Kept;
}

interface Raised {
  readonly ruleId: string;
  readonly eventId: string;
  readonly detectedAt: number;
  readonly timelineOf: Kept;
  resolvedAt: number | null;
}

class Model implements ModelOutput {
  readonly alerts: ModelAlert[] = [];
  readonly resolutions: ModelResolution[] = [];
  readonly outcomes: string[] = [];
  suppressed = 0;

  readonly #settings: ModelSettings;
  #records: Kept[] = [];
  #raised: Raised[] = [];
  #pending: Pending[] = [];
  readonly #metC1 = new Map<Kept, boolean>();
  #watermark = -Infinity;
  #offset = 0;

  constructor(settings: ModelSettings) {
    this.#settings = settings;
  }

  read(record: ModelRecord): void {
    this.outcomes.push(this.#accept({ ...record, offset: this.#offset++ }));
    this.#runDue();
  }

  moveTo(watermark: number): void {
    this.#watermark = Math.max(this.#watermark, watermark);
    this.#runDue();
    this.#dropWhatIsOver();
  }

  #accept(record: Kept): string {
    const { graceMs, retentionMs } = this.#settings;
    if (record.kind === 'order' && !ORDER_STATUSES.includes(record.status)) return 'unknown-status';
    if (this.#watermark - record.at > retentionMs) return 'beyond-retention';
    const before = this.#records;
    this.#records = [...before, record];
    const others = this.#timelineOf(record).filter((other) => other !== record);
    if (others.some((other) => isSame(other, record))) {
      this.#records = before;
      return 'duplicate';
    }
    const { at } = record;
    if (record.kind === 'payment' && SUCCESS.includes(record.status)) {
      this.#pending.push({ row: 'C1', d: at, trigger: record });
      this.#pending.push({ row: 'A', d: at + graceMs, trigger: record });
    }
    if (record.kind === 'payment' && FAILURE.includes(record.status)) {
      this.#pending.push({ row: 'B2', d: at + graceMs, trigger: record });
    }
    if (record.kind === 'order' && record.status === 'PAID') {
      this.#pending.push({ row: 'B1', d: at + graceMs, trigger: record });
    }
    if (record.kind === 'order' && record.status === 'FAILED') {
      this.#pending.push({ row: 'C2', d: at + graceMs, trigger: record });
    }
    this.#pending.push({ row: 'check', d: at, trigger: record });
    return 'accepted';
  }

  /** One thing after another, the first one first, until none is due. */
  #runDue(): void {
    for (;;) {
      const [first] = this.#pending.filter((p) => p.d <= this.#watermark).sort(inOrder);
      if (first === undefined) return;
      this.#pending = this.#pending.filter((p) => p !== first);
      if (first.row === 'check') {
        for (const alert of this.#raisedOn(first.trigger)) this.#check(alert, first.d);
      } else {
        this.#evaluate(first.row, first.trigger, first.d);
      }
    }
  }

  #dropWhatIsOver(): void {
    for (const timeline of this.#timelines()) {
      const last = timeline.at(-1)!;
      if (this.#watermark - last.at > this.#settings.retentionMs) {
        const gone = this.#raisedOn(last);
        this.#raised = this.#raised.filter((alert) => !gone.includes(alert));
        this.#records = this.#records.filter((record) => !timeline.includes(record));
      }
    }
  }

  // ---- the timeline

  /** All records by time, those of the same time as they were read, cut where a gap is longer than the retention. */
  #timelines(): Kept[][] {
    const timelines: Kept[][] = [];
    for (const record of this.#records.toSorted((x, y) => x.at - y.at || x.offset - y.offset)) {
      const current = timelines.at(-1);
      if (current === undefined || record.at - current.at(-1)!.at > this.#settings.retentionMs) {
        timelines.push([record]);
      } else {
        current.push(record);
      }
    }
    return timelines;
  }

  #timelineOf(record: Kept): Kept[] {
    return this.#timelines().find((timeline) => timeline.includes(record))!;
  }

  #raisedOn(record: Kept): Raised[] {
    const timeline = this.#timelineOf(record);
    return this.#raised.filter((alert) => timeline.includes(alert.timelineOf));
  }

  #order(of: Kept, t: number): string {
    const orders = this.#timelineOf(of).filter((r) => r.kind === 'order' && r.at <= t);
    return orders.at(-1)?.status ?? 'UNKNOWN';
  }

  #payment(of: Kept, t: number): (ModelPayment & Kept) | undefined {
    return this.#payments(of).findLast((payment) => payment.at <= t);
  }

  #payments(of: Kept): (ModelPayment & Kept)[] {
    return this.#timelineOf(of).filter((record) => record.kind === 'payment');
  }

  #expiresAt(of: Kept, t: number): number | null {
    const carriers = this.#timelineOf(of).filter(
      (record) => record.kind === 'order' && record.at <= t && record.expiresAt !== null,
    ) as ModelOrder[];
    return carriers.at(-1)?.expiresAt ?? null;
  }

  #isSuccess(of: Kept, t: number): boolean {
    return SUCCESS.includes(this.#payment(of, t)?.status ?? 'none');
  }

  #isFailure(of: Kept, t: number): boolean {
    return FAILURE.includes(this.#payment(of, t)?.status ?? 'none');
  }

  #anySuccessBy(of: Kept, t: number): boolean {
    return this.#payments(of).some((p) => SUCCESS.includes(p.status) && p.at <= t);
  }

  // ---- the rules table

  #evaluate(row: Exclude<Row, 'check'>, trigger: Kept, d: number): void {
    const order = this.#order(trigger, d);
    const eventId = trigger.kind === 'payment' ? trigger.eventId : `ORDER-PAID@${trigger.at}`;
    const success = this.#isSuccess(trigger, d);
    const failure = this.#isFailure(trigger, d);
    switch (row) {
      case 'A': {
        const unpaid = order === 'PENDING' || order === 'WAITING_PAYMENT';
        const missing = order === 'UNKNOWN' && this.#settings.unknownOrder;
        if (success && (unpaid || missing) && !this.#metC1.get(trigger)) {
          this.#raise('RULE_A', eventId, trigger, d, 'PAID');
        }
        return;
      }
      case 'B1':
        if (order === 'PAID' && (!this.#anySuccessBy(trigger, d) || failure)) {
          this.#raise('RULE_B', eventId, trigger, d, failure ? 'FAILED' : 'WAITING_PAYMENT');
        }
        return;
      case 'B2':
        if (this.#order(trigger, trigger.at) === 'PAID' && order === 'PAID' && failure) {
          this.#raise('RULE_B', eventId, trigger, d, 'FAILED');
        }
        return;
      case 'C1': {
        const expiry = this.#expiresAt(trigger, d);
        const expired = expiry !== null && !this.#anySuccessBy(trigger, expiry);
        const met = success && (order === 'FAILED' || expired);
        this.#metC1.set(trigger, met);
        if (met) this.#raise('RULE_C', eventId, trigger, d, 'FAILED');
        return;
      }
      case 'C2':
        if (order === 'FAILED' && success) {
          this.#raise('RULE_C', this.#payment(trigger, d)!.eventId, trigger, d, 'FAILED');
        }
    }
  }

  #raise(ruleId: string, eventId: string, of: Kept, d: number, expected: string): void {
    const before = this.#raisedOn(of).filter((alert) => alert.ruleId === ruleId);
    const again = before.some((alert) => alert.eventId === eventId);
    const soon = before.some((alert) => {
      const wasResolved = alert.resolvedAt !== null && alert.resolvedAt < d;
      return Math.abs(alert.detectedAt - d) < this.#settings.graceMs && !wasResolved;
    });
    if (again || soon) {
      this.suppressed++;
      return;
    }
    const observed = this.#observed(of, d);
    const alert: Raised = { ruleId, eventId, detectedAt: d, timelineOf: of, resolvedAt: null };
    this.#raised.push(alert);
    this.alerts.push({
      ruleId,
      eventId,
      observed,
      expected: { orderStatus: expected },
      detectedAt: d,
    });
    // The instants that have passed already; the others have their check waiting.
    const waiting = this.#pending.filter((p) => p.row === 'check').map((p) => p.trigger);
    for (const record of this.#timelineOf(of)) {
      if (!waiting.includes(record)) this.#check(alert, record.at);
    }
  }

  #check(alert: Raised, t: number): void {
    const of = alert.timelineOf;
    const agree = (this.#order(of, t) === 'PAID') === this.#isSuccess(of, t);
    if (alert.resolvedAt !== null || t <= alert.detectedAt || !agree) return;
    alert.resolvedAt = t;
    const { ruleId, eventId } = alert;
    const observed = this.#observed(of, t);
    this.resolutions.push({ ruleId, eventId, observed, resolvedAt: t });
  }

  #observed(of: Kept, t: number): ModelAlert['observed'] {
    return {
      paymentStatus: this.#payment(of, t)?.status ?? null,
      orderStatus: this.#order(of, t),
    };
  }
}

function isSame(x: ModelRecord, y: ModelRecord): boolean {
  if (x.kind === 'payment') return y.kind === 'payment' && x.eventId === y.eventId;
  return y.kind === 'order' && x.status === y.status && x.at === y.at;
}

/** By instant; payment triggers, order triggers, the check; then by the trigger's time and offset. */
function inOrder(x: Pending, y: Pending): number {
  return (
    x.d - y.d ||
    rank(x) - rank(y) ||
    x.trigger.at - y.trigger.at ||
    x.trigger.offset - y.trigger.offset ||
    // One payment's own: with a grace of 0, row A asks what row C1 has found.
    Number(x.row === 'A') - Number(y.row === 'A')
  );
}

function rank({ row, trigger }: Pending): number {
  if (row === 'check') return 2;
  return trigger.kind === 'payment' ? 0 : 1;
}
