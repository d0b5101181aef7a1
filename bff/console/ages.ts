/** How long ago, for people, and how urgent that makes an open alert. */
import type { Lang } from '../contract.ts';
import { ZONE } from '../web/format.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type AgeBucket = 'm5' | 'h1' | 'h24' | 'older';

/** As the overview counts: up to 5 min, 1 h, 24 h, older. */
export function ageBucket(ageMs: number): AgeBucket {
  if (ageMs <= 5 * MINUTE) return 'm5';
  if (ageMs <= HOUR) return 'h1';
  return ageMs <= DAY ? 'h24' : 'older';
}

/** `45 s`, `12 min`, `3 h 20 min`, `5 d`: the two largest units at most, rounded down. */
export function duration(ms: number, lang: Lang): string {
  const abs = Math.max(0, ms);
  const units = lang === 'ja' ? ['日', '時間', '分', '秒'] : [' d', ' h', ' min', ' s'];
  const join = lang === 'ja' ? '' : ' ';
  const parts = [
    Math.floor(abs / DAY),
    Math.floor((abs % DAY) / HOUR),
    Math.floor((abs % HOUR) / MINUTE),
    Math.floor((abs % MINUTE) / SECOND),
  ];
  const first = parts.findIndex((part) => part > 0);
  if (first === -1) return `0${units[3]!}`;
  // Seconds matter below ten minutes, hours below a week.
  const isFine = first === 1 || (first === 2 && parts[2]! < 10) || (first === 0 && parts[0]! < 7);
  return parts
    .map((part, i) => `${part}${units[i]!}`)
    .filter((_, i) => parts[i]! > 0 && (i === first || (isFine && i === first + 1)))
    .join(join);
}

/** As `duration`, with milliseconds and tenths where those are all there is. */
export function shortDuration(ms: number, lang: Lang): string {
  if (ms < SECOND) return lang === 'ja' ? `${Math.round(ms)}ミリ秒` : `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND && ms % SECOND !== 0) {
    const tenths = (Math.floor(ms / 100) / 10).toFixed(1);
    return lang === 'ja' ? `${tenths}秒` : `${tenths} s`;
  }
  return duration(ms, lang);
}

export function ago(ms: number, lang: Lang): string {
  if (lang === 'ja') return ms < SECOND ? 'たった今' : `${duration(ms, lang)}前`;
  return ms < SECOND ? 'just now' : `${duration(ms, lang)} ago`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** `12:00:45`, `12:00:45.120`, `2/1 12:00`: for axes and dense tables, in the pages' zone. */
export function clockTime(at: number, detail: 'day' | 'second' | 'ms'): string {
  let format = clocks.get(detail);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('ja-JP', {
      timeZone: ZONE,
      hourCycle: 'h23',
      hour: '2-digit',
      minute: '2-digit',
      ...(detail === 'day' ? { month: 'numeric', day: 'numeric' } : { second: '2-digit' }),
      ...(detail === 'ms' ? { fractionalSecondDigits: 3 } : {}),
    });
    clocks.set(detail, format);
  }
  return format.format(at);
}

/** Japan has had no summer time since 1951. */
export const ZONE_MS = 9 * HOUR;
