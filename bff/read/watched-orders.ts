import { watched, type OpsOrderDetail } from '../contract-ops.ts';

export type WatchedState = Pick<OpsOrderDetail, 'watched' | 'watchedProblem'>;

/** What kafka-alert itself knows of an order. */
export type WatchedOrders = (orderNo: string) => Promise<WatchedState>;

const TIMEOUT_MS = 1500;

export function watchedOrders(url: string): WatchedOrders {
  return async (orderNo) => {
    const no = (watchedProblem: string): WatchedState => ({ watched: null, watchedProblem });
    try {
      const address = new URL(`/state/orders/${encodeURIComponent(orderNo)}`, url);
      const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (answer.status === 404) return no('kafka-alert does not know the order');
      if (!answer.ok) return no(`kafka-alert answers with ${answer.status}`);
      const read = watched.safeParse(await answer.json());
      return read.success
        ? { watched: read.data, watchedProblem: null }
        : no('kafka-alert has answered something else');
    } catch {
      return no('kafka-alert can not be reached');
    }
  };
}
