/** How the system is, asked for again as long as it is looked at. */
import { useEffect, useState } from 'preact/hooks';
import type { Overview as View } from '../../contract-ops.ts';
import { callApi } from '../../web/api-client.ts';
import { useWords } from '../../web/i18n.ts';
import { useNow } from '../live/use-now.ts';
import { Feeds, Services } from '../overview/machine.tsx';
import {
  AlertsOverTime,
  Objective,
  OpenByAge,
  Orders,
  TimeToResolve,
} from '../overview/panels.tsx';
import { overviewWords } from '../overview/words.ts';

const EVERY_MS = 15_000;

export default function Overview({ overview: given, hours }: { overview: View; hours: number }) {
  const say = useWords(overviewWords);
  const [overview, setOverview] = useState(given);
  const [isStale, setStale] = useState(false);
  const now = useNow(overview.serverTime);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.hidden) return;
      callApi(fetch, 'GET /api/ops/overview', { query: { hours: String(hours) } }).then(
        (fresh) => {
          setOverview(fresh);
          setStale(false);
        },
        () => setStale(true),
      );
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [hours]);
  return (
    <>
      {isStale && (
        <p class="note note-warn" role="status">
          {say.stale}
        </p>
      )}
      <div class="panels">
        <Objective slo={overview.slo} />
        <OpenByAge open={overview.open} />
        <TimeToResolve timeToResolve={overview.timeToResolve} />
        <AlertsOverTime overview={overview} />
        <Orders orders={overview.orders} />
        <Services services={overview.services} />
        <Feeds feeds={overview.feeds} now={now} />
      </div>
    </>
  );
}
