import { variables, type OwnSettings, type Settings } from '#kit';

const { whole, MAX_MS } = variables;

/** What the order service is set to besides the settings of all. */
export const orderVariables = {
  FIRST_POLL_MS: whole(100, MAX_MS, 'milliseconds, such as 30000').prefault('30000'),
  LONGEST_POLL_MS: whole(100, MAX_MS, 'milliseconds, such as 300000').prefault('300000'),
};

export interface OrderSettings extends Settings {
  /** How long after its request a payment without a result is asked for at the provider; ms. The gaps then double. */
  readonly firstPollMs: number;
  /** No gap is longer; ms. */
  readonly longestPollMs: number;
}

export function orderSettings(
  settings: Settings,
  own: OwnSettings<typeof orderVariables>,
): OrderSettings {
  return { ...settings, firstPollMs: own.FIRST_POLL_MS, longestPollMs: own.LONGEST_POLL_MS };
}
