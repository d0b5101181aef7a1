/** Alerts and the objective: how well it goes for people. `machine.tsx` has what that runs on. */
import { useMemo } from 'preact/hooks';
import type { Overview } from '../../contract-ops.ts';
import { count, exactTime } from '../../web/format.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { duration } from '../ages.ts';
import { OrderStatus } from '../parts/badges.tsx';
import { AlertsChart } from './alerts-chart.tsx';
import { alertSeries, openTone, sloTone } from './judge.ts';
import { Panel } from './panel.tsx';
import { overviewWords } from './words.ts';

export function AlertsOverTime({ overview }: { overview: Overview }) {
  const say = useWords(overviewWords);
  const lang = useLang();
  const series = useMemo(() => alertSeries(overview), [overview]);
  const told = say.totals(series.raised, series.resolved);
  return (
    <Panel id="over-time" title={say.overTime} normal={say.overTimeNormal} isWide>
      <p class="count">{told}</p>
      <AlertsChart series={series} label={`${say.overTime}: ${told}. ${say.table}.`} />
      <details>
        <summary>{say.table}</summary>
        <div class="scroll" tabIndex={0} role="group" aria-label={say.overTime}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{say.time}</th>
                {series.byRule.map(({ ruleId }) => (
                  <th key={ruleId} scope="col" class="number mono">
                    {ruleId}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {series.at.map((at, i) =>
                series.byRule.every(({ raised }) => raised[i] === 0) ? null : (
                  <tr key={at}>
                    <td class="time">{exactTime(at, lang)}</td>
                    {series.byRule.map(({ ruleId, raised }) => (
                      <td key={ruleId} class="number count">
                        {raised[i]}
                      </td>
                    ))}
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </div>
      </details>
    </Panel>
  );
}

export function OpenByAge({ open }: Pick<Overview, 'open'>) {
  const say = useWords(overviewWords);
  const tone = openTone(open);
  const all = open.reduce((sum, each) => sum + each.count, 0);
  const taken = open.reduce((sum, each) => sum + each.acknowledged, 0);
  return (
    <Panel
      id="open"
      title={say.open}
      normal={say.openNormal}
      state={{ tone, word: tone === 'good' ? say.noneOpen : count(all) }}
    >
      {open.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="open">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{say.rule}</th>
                <th scope="col" class="number">
                  {say.total}
                </th>
                {say.ages.map((age) => (
                  <th key={age} scope="col" class="number">
                    {age}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {open.map(({ ruleId, ages, count: many }) => (
                <tr key={ruleId}>
                  <th scope="row">
                    <a class="mono" href={`/ops?rule=${ruleId}`}>
                      {ruleId}
                    </a>
                  </th>
                  <td class="number count">{count(many)}</td>
                  {([ages.m5, ages.h1, ages.h24, ages.older] as const).map((each, i) => (
                    <td key={say.ages[i]} class={`number count${each === 0 ? ' soft' : ''}`}>
                      {count(each)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open.length > 0 && <p class="soft small">{say.taken(taken)}</p>}
    </Panel>
  );
}

export function TimeToResolve({ timeToResolve }: Pick<Overview, 'timeToResolve'>) {
  const say = useWords(overviewWords);
  const lang = useLang();
  const { count: many, medianMs, p95Ms } = timeToResolve;
  return (
    <Panel id="to-resolve" title={say.toResolve} normal={say.toResolveNormal}>
      {many === 0 || medianMs === null || p95Ms === null ? (
        <p class="soft">{say.noneResolved}</p>
      ) : (
        <>
          <dl class="figures">
            <div>
              <dt>{say.median}</dt>
              <dd class="time">{duration(medianMs, lang)}</dd>
            </div>
            <div>
              <dt>{say.p95}</dt>
              <dd class="time">{duration(p95Ms, lang)}</dd>
            </div>
          </dl>
          <p class="soft small">{say.resolvedMany(many)}</p>
        </>
      )}
    </Panel>
  );
}

export function Objective({ slo }: Pick<Overview, 'slo'>) {
  const say = useWords(overviewWords);
  const normal = say.sloNormal(percent(slo?.objective ?? 0.99));
  if (!slo || slo.share === null || slo.budgetLeft === null) {
    return (
      <Panel id="slo" title={say.slo} normal={normal}>
        <p class="soft">{slo ? say.sloNothing : say.sloAway}</p>
      </Panel>
    );
  }
  const tone = sloTone(slo);
  const word = { good: say.met, warn: say.nearly, bad: say.missed, plain: '' }[tone];
  const left = Math.max(0, Math.min(1, slo.budgetLeft));
  return (
    <Panel id="slo" title={say.slo} normal={normal} state={{ tone, word }}>
      <p class="figure count">{percent(slo.share)}</p>
      <svg
        class={`budget tone-${tone}`}
        viewBox="0 0 100 8"
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <rect class="budget-all" width="100" height="8" rx="2" />
        <rect width={100 * left} height="8" rx="2" fill="currentColor" />
      </svg>
      <p>{slo.budgetLeft < 0 ? say.overspent : say.budget(percent(slo.budgetLeft, 0))}</p>
      <p class="soft small">{say.within(slo.within, slo.missed)}</p>
    </Panel>
  );
}

export function Orders({ orders }: Pick<Overview, 'orders'>) {
  const say = useWords(overviewWords);
  return (
    <Panel id="orders" title={say.orders} normal={say.ordersNormal}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{say.status}</th>
            <th scope="col" class="number">
              {say.many}
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map(({ status, count: many }) => (
            <tr key={status}>
              <td>
                <OrderStatus status={status} />
              </td>
              <td class="number count">{count(many)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function percent(share: number, digits = 2): string {
  // Rounded down: what is not met must not look as if it were.
  const factor = 10 ** digits;
  return `${(Math.floor(share * 100 * factor) / factor).toFixed(digits)}%`;
}
