/** Money, times and counts as people read them. Pure: the clock is handed in. */
import type { Lang } from '../contract.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The zone that exact times are in: said once on a page. */
export const ZONE = 'Asia/Tokyo';
export const zoneName: Readonly<Record<Lang, string>> = { ja: '日本時間', en: 'Japan time' };

/** `¥1,280`. */
export function yen(amount: number): string {
  return `${amount < 0 ? '−' : ''}¥${count(Math.abs(amount))}`;
}

/** `12,408`. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** `2 min ago`, `3分前`; what lies ahead: `in 2 min`, `2分後`. */
export function relativeTime(at: number, now: number, lang: Lang): string {
  const distance = Math.abs(now - at);
  const words = lang === 'ja' ? WORDS_JA : WORDS_EN;
  if (distance < 10_000) return words.now;
  const length = duration(distance, lang);
  return at <= now ? words.ago(length) : words.ahead(length);
}

const WORDS_JA = { now: 'たった今', ago: (d: string) => `${d}前`, ahead: (d: string) => `${d}後` };
const WORDS_EN = {
  now: 'just now',
  ago: (d: string) => `${d} ago`,
  ahead: (d: string) => `in ${d}`,
};

/** In its largest unit: `45 s`, `2 min`, `3 h`, `4 d`. */
export function duration(ms: number, lang: Lang): string {
  const [value, unit] =
    ms < MINUTE_MS
      ? [ms / 1000, 's' as const]
      : ms < HOUR_MS
        ? [ms / MINUTE_MS, 'min' as const]
        : ms < DAY_MS
          ? [ms / HOUR_MS, 'h' as const]
          : [ms / DAY_MS, 'd' as const];
  const whole = String(Math.floor(value));
  return lang === 'ja' ? whole + UNITS_JA[unit] : `${whole} ${unit}`;
}

const UNITS_JA = { s: '秒', min: '分', h: '時間', d: '日' } as const;

/** `2024年2月1日 12:34`, `1 Feb 2024, 12:34`; with seconds where it matters. */
export function exactTime(at: number, lang: Lang, withSeconds = false): string {
  return formatOf(lang, withSeconds).format(at);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(lang: Lang, withSeconds: boolean): Intl.DateTimeFormat {
  const key = `${lang} ${String(withSeconds)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(lang === 'ja' ? 'ja-JP' : 'en-GB', {
      timeZone: ZONE,
      year: 'numeric',
      month: lang === 'ja' ? 'long' : 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      ...(withSeconds && { second: '2-digit' }),
      hourCycle: 'h23',
    });
    formats.set(key, format);
  }
  return format;
}

/** `4:05`: what a countdown shows; hours only when there are any. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return hours > 0
    ? `${String(hours)}:${two(minutes)}:${two(seconds % 60)}`
    : `${String(minutes)}:${two(seconds % 60)}`;
}
