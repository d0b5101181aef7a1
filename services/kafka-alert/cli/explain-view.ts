import { orderLife, type LifeLine, type OrderReport } from '#topology/kafka-alert';
import { paint, type Colour, type Io } from './io.ts';
import { printable } from './text.ts';

/** Who has answered for an order, as its endpoint says it. */
export interface AnsweredBy {
  readonly task: string;
  readonly host: string | null;
  readonly isActive: boolean;
  readonly lag: number;
  readonly asOf: string;
  readonly watermark: string | null;
}

const COLOURS: Readonly<Record<LifeLine['kind'], Colour>> = {
  order: 'bold',
  payment: 'bold',
  raised: 'red',
  suppressed: 'yellow',
  'not-raised': 'dim',
  resolved: 'green',
  pending: 'magenta',
};

const TIME = 24;
const WHAT = 8;

/** An order's life on one screen. */
export function printReport(
  report: OrderReport & { readonly answeredBy?: AnsweredBy },
  io: Io,
): void {
  const painted = paint(io, io.stdout);
  const lines = orderLife(report);
  const open = report.openAlerts.length;
  const alerts = open === 0 ? 'no open alert' : `${String(open)} open alert(s)`;
  const head = `${printable(report.orderNo)}: order ${report.orderStatus}, payment ${report.paymentStatus ?? 'none'}, ${alerts}`;

  const rows = lines.map(({ at, what, kind, text }) => {
    const row = `${forPeople(at).padEnd(TIME)} ${what.padEnd(WHAT)} ${printable(forPeople(text))}`;
    return painted(COLOURS[kind], row);
  });
  const column = painted('bold', `${'event time (UTC)'.padEnd(TIME)} ${'what'.padEnd(WHAT)}`);
  const all = [
    painted(open === 0 ? 'bold' : 'red', head),
    '',
    column,
    ...rows,
    '',
    ...notes(report),
  ];
  io.stdout.write(`${all.join('\n')}\n`);
}

function notes(report: OrderReport & { readonly answeredBy?: AnsweredBy }): string[] {
  const { nextCheckAt, nextTimerAt, checkedTo, answeredBy } = report;
  const decided =
    checkedTo === null ? 'Nothing is decided yet.' : `Decided up to ${forPeople(checkedTo)}.`;
  const isForgotten = checkedTo !== null && nextTimerAt <= checkedTo;
  const next =
    nextCheckAt === null
      ? `Nothing is pending; ${isForgotten ? 'the service has forgotten it since' : 'it is forgotten at'} ${forPeople(nextTimerAt)} if no more records come.`
      : `The rules are applied next at ${forPeople(nextCheckAt)}.`;
  return [`${decided} ${next}`, ...(answeredBy ? [answered(answeredBy)] : ['From the topics.'])];
}

function answered({ host, task, isActive, lag, asOf }: AnsweredBy): string {
  const who = `Answered by ${host ?? 'the instance that was asked'}, task ${task}`;
  return isActive
    ? `${who}.`
    : `${who}: a replica, ${String(lag)} changes behind as of ${forPeople(asOf)}.`;
}

/** `2024-02-01 12:06:00`, with milliseconds where there are any. */
function forPeople(text: string): string {
  return text.replaceAll(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{3})Z/g, (_, date, time, ms) =>
    ms === '.000'
      ? `${String(date)} ${String(time)}`
      : `${String(date)} ${String(time)}${String(ms)}`,
  );
}
