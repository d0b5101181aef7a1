import type { Alert } from '../../contract-ops.ts';
import type { Lang } from '../../contract.ts';
import { exactTime, yen, zoneName } from '../../web/format.ts';
import { ageBucket, duration } from '../ages.ts';
import { Rule, StateBadge } from '../parts/badges.tsx';

export function AlertRow({
  alert,
  now,
  lang,
  isChosen,
  onPoint,
}: {
  alert: Alert;
  now: number;
  lang: Lang;
  isChosen: boolean;
  onPoint?: () => void;
}) {
  const { alertId, orderNo, observed, expected, detectedAt, resolvedAt, totalAmount } = alert;
  const ageMs = (resolvedAt ?? now) - detectedAt;
  const isOpen = resolvedAt === null;
  return (
    <tr
      id={`alert-${alertId}`}
      class={isOpen ? undefined : 'is-over'}
      aria-current={isChosen ? 'true' : undefined}
      onMouseMove={onPoint}
    >
      <td class="cell-state">
        <StateBadge state={alert.state} />
      </td>
      <td class="cell-rule">
        <Rule ruleId={alert.ruleId} />
      </td>
      <td class="cell-order">
        <a class="mono" href={`/ops/alerts/${alertId}`}>
          {orderNo}
        </a>
      </td>
      <td class="cell-seen">
        <span class="mono">
          {observed.orderStatus} / {observed.paymentStatus ?? '–'}
        </span>{' '}
        <span class="soft">→</span> <span class="mono">{expected.orderStatus}</span>
      </td>
      <td class="cell-amount number money">{totalAmount === null ? '–' : yen(totalAmount)}</td>
      <td class={`cell-age number time${isOpen ? ` age-${ageBucket(ageMs)}` : ''}`}>
        <time
          dateTime={new Date(detectedAt).toISOString()}
          title={`${exactTime(detectedAt, lang, true)} (${zoneName[lang]})`}
        >
          {duration(ageMs, lang)}
        </time>
      </td>
      <td class="cell-who">{alert.acknowledgedBy?.displayName ?? <span class="soft">–</span>}</td>
    </tr>
  );
}
