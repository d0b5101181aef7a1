/**
 * Why an order's evaluations ended as they did, in words. What they find is asked of the rules themselves.
 *
 * A timeline does not say when its records were read. An alert that it speaks against, and one that it speaks for and was
 * not raised, are explained by a record that came late: nothing is taken back, and nothing is repeated.
 */
import { keptBackBy } from './dedup.ts';
import { evaluations } from './rules.ts';
import type { Candidate, Evaluation, NotMet } from './rules.ts';
import { settle } from './settle.ts';
import type { AlertSettings } from './settings.ts';
import { expiresAt, firstAt, orderAt, paymentAt } from './timeline.ts';
import type { Entry, OrderEntry, PaymentEntry, RaisedAlert, Timeline } from './timeline.ts';

/** `pending`: its instant is still to come, and the reason says how it will end when no more records do. */
export type Outcome = 'raised' | 'suppressed' | 'not-raised' | 'pending';

/** An evaluation with its end. */
export interface Explained extends Omit<Evaluation, 'verdict'> {
  readonly outcome: Outcome;
  readonly why: string;
  /** The alert that came of it. */
  readonly alert: RaisedAlert | null;
}

/**
 * Explains every evaluation of a timeline.
 *
 * @param now up to where evaluations have run: the watermark
 * @example
 * explained(timeline, watermark, settings)[0]?.why; // 'the order was PAID since 12:03:10'
 */
export function explained(
  timeline: Timeline,
  now: number,
  settings: AlertSettings,
): readonly Explained[] {
  const all = evaluations(timeline, settings);
  const clock = clockOf(timeline);
  const alerts = alertsOf(all, timeline.alerts);
  const future = settle(timeline, now, Infinity, null, settings).timeline.alerts;

  const asked = all.filter((each) => each.verdict !== 'no-trigger' || alerts.has(each));
  return asked.map((evaluation): Explained => {
    const { row, ruleId, trigger, at, verdict } = evaluation;
    const alert = alerts.get(evaluation) ?? null;
    const end = (outcome: Outcome, why: string): Explained => ({
      ...{ row, ruleId, trigger, at, alert, outcome, why },
    });

    if (alert !== null) {
      if (typeof verdict === 'object') return end('raised', reasonOf(evaluation, timeline, clock));
      return end(
        'raised',
        `what speaks against it was read too late: ${refusal(evaluation, verdict, timeline, clock)}`,
      );
    }
    if (typeof verdict === 'string') {
      const why = refusal(evaluation, verdict, timeline, clock);
      return at > now ? end('pending', `nothing will be raised: ${why}`) : end('not-raised', why);
    }
    if (at > now) {
      const isRaised = future.some((each) => isAlertOf(each, verdict));
      const by = isRaised ? undefined : keptBackBy(verdict, future, settings.graceMs);
      const will = by ? `will be suppressed: ${suppression(verdict, by, clock)}` : 'will be raised';
      return end('pending', by ? will : `${will}: ${reasonOf(evaluation, timeline, clock)}`);
    }
    // Those that were there then come first: an alert with a later instant keeps back only what was read late.
    const earlier = timeline.alerts.filter(({ detectedAt }) => detectedAt <= at);
    const by =
      keptBackBy(verdict, earlier, settings.graceMs) ??
      keptBackBy(verdict, timeline.alerts, settings.graceMs);
    if (by) return end('suppressed', suppression(verdict, by, clock));
    return end(
      'not-raised',
      `what speaks for it was read too late: ${observed(timeline, at, clock)}`,
    );
  });
}

/** Which alert came of which evaluation; every one of an alert's evaluation that is on the timeline. */
function alertsOf(
  all: readonly Evaluation[],
  raised: readonly RaisedAlert[],
): ReadonlyMap<Evaluation, RaisedAlert> {
  const found = new Map<Evaluation, RaisedAlert>();
  for (const alert of raised) {
    const isFree = (each: Evaluation) => !found.has(each) && each.ruleId === alert.ruleId;
    const own =
      all.find((e) => isFree(e) && typeof e.verdict === 'object' && isAlertOf(alert, e.verdict)) ??
      // In hindsight it would not be raised, or would name another payment.
      all.find((e) => isFree(e) && e.at === alert.detectedAt && eventOf(e) === alert.eventId) ??
      all.find((e) => isFree(e) && e.at === alert.detectedAt);
    if (own) found.set(own, alert);
  }
  return found;
}

function isAlertOf(alert: RaisedAlert, { ruleId, eventId, detectedAt }: Candidate): boolean {
  return alert.ruleId === ruleId && alert.eventId === eventId && alert.detectedAt === detectedAt;
}

/** The event that the row names when it is met; row C2's is not its trigger's. */
function eventOf({ trigger }: Evaluation): string {
  return trigger.kind === 'payment' ? trigger.eventId : `ORDER-PAID@${trigger.at}`;
}

type Clock = (instant: number) => string;

/** Times of day; with the date where it is not the timeline's first one. UTC. */
function clockOf(timeline: Timeline): Clock {
  const day = iso(firstAt(timeline)).slice(0, 10);
  return (instant) => {
    const [date, time] = iso(instant).split('T') as [string, string];
    const short = time.replace(/(\.000)?Z$/, '');
    return date === day ? short : `${date} ${short}`;
  };
}

/** Why it is an alert. */
function reasonOf(evaluation: Evaluation, timeline: Timeline, clock: Clock): string {
  const { row, trigger, at } = evaluation;
  const payment = paymentWords(timeline, at, clock);
  const order = orderWords(timeline, at, clock);
  switch (row) {
    case 'A':
      return `payment ${payment}, order still ${orderWords(timeline, at, clock, false)}`;
    case 'B1':
    case 'B2':
      return `order ${order}, ${paymentAt(timeline, at) ? `payment ${payment}` : 'and no payment was observed'}`;
    case 'C1': {
      if (orderAt(timeline, at) === 'FAILED')
        return `payment ${payment}, but the order was ${order}`;
      const expiry = expiresAt(timeline, at);
      const when = expiry === null ? 'in hindsight not expired' : `expired at ${clock(expiry)}`;
      return `payment ${trigger.status} at ${clock(at)}, but it had ${when}`;
    }
    case 'C2':
      return `order ${order}, payment still ${payment}`;
  }
}

/** Why it is none. */
function refusal(
  { trigger, at }: Evaluation,
  verdict: NotMet,
  timeline: Timeline,
  clock: Clock,
): string {
  switch (verdict) {
    case 'order-moved-on':
      return `the order was ${orderWords(timeline, at, clock)}`;
    case 'order-not-watched':
      return 'nothing is known of the order, and UNKNOWN_ORDER is off';
    case 'found-too-late':
      return `RULE_C found the payment too late at ${clock(trigger.at)}, and that is enough`;
    case 'payment-moved-on':
      return paymentAt(timeline, at)
        ? `the payment was ${paymentWords(timeline, at, clock)}`
        : 'no payment was observed';
    case 'money-is-there':
      return `a payment had succeeded: ${paymentWords(timeline, at, clock)}`;
    case 'in-time': {
      const expiry = expiresAt(timeline, at);
      const order = orderAt(timeline, at);
      const until = expiry === null ? 'no expiry is known' : `the expiry is ${clock(expiry)}`;
      return `the payment came in time: the order was ${order}, and ${until}`;
    }
    case 'no-trigger':
      return `the order was ${orderWords(timeline, trigger.at, clock)} when the payment failed`;
  }
}

function suppression(candidate: Candidate, by: RaisedAlert, clock: Clock): string {
  if (by.eventId === candidate.eventId)
    return `raised for the same event at ${clock(by.detectedAt)}, and once is enough`;
  const apart = candidate.detectedAt - by.detectedAt;
  if (apart === 0) return `raised at the same instant, for ${by.eventId}`;
  const when = `${duration(Math.abs(apart))} ${apart > 0 ? 'before' : 'after'}`;
  return `raised ${when}, for ${by.eventId}`;
}

function observed(timeline: Timeline, at: number, clock: Clock): string {
  return `order ${orderWords(timeline, at, clock)}, payment ${paymentWords(timeline, at, clock)}`;
}

/** `PAID since 12:03:10`. */
function orderWords(timeline: Timeline, at: number, clock: Clock, since = true): string {
  const status = orderAt(timeline, at);
  if (status === 'UNKNOWN') return 'UNKNOWN (no record of it)';
  return since ? `${status} since ${clock(sinceWhen(timeline.orders, at))}` : status;
}

function paymentWords(timeline: Timeline, at: number, clock: Clock): string {
  const payment = paymentAt(timeline, at);
  if (payment === undefined) return 'not observed';
  return `${payment.status} since ${clock(sinceWhen(timeline.payments, at))}`;
}

/** When the status at an instant was first said, with no other one in between. */
function sinceWhen(entries: readonly (OrderEntry | PaymentEntry)[], at: number): number {
  const seen = entries.filter((each: Entry) => each.at <= at);
  let i = seen.length - 1;
  while (i > 0 && seen[i - 1]!.status === seen[i]!.status) i--;
  return seen[i]!.at;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** `40 s`, `4 min 59.999 s`, `2 h 5 min`. */
function duration(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const seconds = (ms % MINUTE_MS) / SECOND_MS;
  const parts = [
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes > 0 ? [`${minutes} min`] : []),
    ...(seconds > 0 ? [`${seconds} s`] : []),
  ];
  return parts.join(' ');
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
