/** A time for people: how long ago, and exactly on hover. */
import { exactTime, relativeTime, zoneName } from './format.ts';
import { useLang } from './i18n.ts';

export function Ago({ at, now }: { at: number; now: number }) {
  const lang = useLang();
  return (
    <time
      class="time"
      dateTime={new Date(at).toISOString()}
      title={`${exactTime(at, lang, true)} (${zoneName[lang]})`}
    >
      {relativeTime(at, now, lang)}
    </time>
  );
}

/** Exactly; the page says the zone once. */
export function Exact({ at, seconds = false }: { at: number; seconds?: boolean }) {
  return (
    <time class="time" dateTime={new Date(at).toISOString()}>
      {exactTime(at, useLang(), seconds)}
    </time>
  );
}
