/** Names come from outside: none of them may move the cursor. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '�');
}

/** `2024-02-01 12:06:00`, UTC: seconds are enough for people. */
export function shortTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** `3.2 s`, `4 min`, `2 h 5 min`, `3 d 2 h`. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return both(hours, 'h', minutes % 60, 'min');
  return both(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function both(large: number, unit: string, small: number, smallUnit: string): string {
  return `${String(large)} ${unit}${small === 0 ? '' : ` ${String(small)} ${smallUnit}`}`;
}
