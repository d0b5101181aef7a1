import { useEffect, useState } from 'preact/hooks';

/** The server's clock, going on: what the page was rendered at, plus what has passed here. */
export function useNow(serverNow: number, everyMs = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const begun = performance.now();
    const timer = setInterval(() => setNow(serverNow + performance.now() - begun), everyMs);
    return () => clearInterval(timer);
  }, [serverNow, everyMs]);
  return now;
}
