/** What an operator can choose about the alert rules. All times in milliseconds of event time. */
export interface AlertSettings {
  /** `G`: how long money and order may disagree before it is an alert. From 0 to the retention. */
  readonly graceMs: number;
  /** How long an order's timeline is kept after its last record; a longer gap starts a new timeline. */
  readonly retentionMs: number;
  /** Whether RULE_A also speaks up for a payment whose order is not known at all. */
  readonly unknownOrder: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const defaultAlertSettings: AlertSettings = Object.freeze({
  graceMs: 5 * MINUTE_MS,
  retentionMs: 7 * DAY_MS,
  unknownOrder: true,
});

/**
 * Checks what the rules rely on and hands the settings back.
 *
 * With a grace of at most the retention, no evaluation is pending when a timeline ends, and none looks into the next one.
 *
 * @throws RangeError that names the setting
 * @example
 * const settings = checkedSettings({ ...defaultAlertSettings, graceMs: 60_000 });
 */
export function checkedSettings<S extends AlertSettings>(settings: S): S {
  const { graceMs, retentionMs } = settings;
  if (!Number.isSafeInteger(retentionMs) || retentionMs <= 0) {
    throw new RangeError(`retentionMs must be a whole number above 0, not ${retentionMs}`);
  }
  if (!Number.isSafeInteger(graceMs) || graceMs < 0 || graceMs > retentionMs) {
    throw new RangeError(
      `graceMs must be a whole number from 0 to retentionMs (${retentionMs}), not ${graceMs}`,
    );
  }
  return settings;
}
