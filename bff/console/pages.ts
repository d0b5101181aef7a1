/** What each page of the console is rendered with. */
import type {
  AlertDetail,
  AlertPageView,
  OpsOrderDetail,
  OpsOrderPage,
  Overview,
} from '../contract-ops.ts';
import type { Filters } from './list/filters.ts';

export interface ConsolePages {
  readonly alerts: {
    readonly filters: Filters;
    /** Null: the API could not say. */
    readonly page: AlertPageView | null;
    /** Asked for when there is nothing to show: what is being watched. */
    readonly watching: Watching | null;
  };
  readonly alert: { readonly detail: AlertDetail };
  readonly overview: { readonly overview: Overview | null; readonly hours: number };
  readonly orders: {
    readonly q: string;
    readonly status: string;
    /** Null: the API could not say. */
    readonly page: OpsOrderPage | null;
  };
  readonly order: { readonly orderNo: string; readonly detail: OpsOrderDetail };
  readonly problem: { readonly status: number };
}

export interface Watching {
  /** False: kafka-alert does not answer, and no alerts means nothing. */
  readonly isUp: boolean;
  /** How far behind now the rules have been applied; null: not known. */
  readonly behindMs: number | null;
  /** Orders of the last seven days: those that are remembered. */
  readonly orders: number;
}
