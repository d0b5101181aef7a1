/**
 * What is pushed to operators, as a hook. A connection that is lost is made again; what was missed meanwhile is for the
 * caller to load anew (`onBack`).
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { OpsMessage } from '../../contract-ops.ts';
import { waitMs } from './backoff.ts';

/** `starting`: no word yet since the page came. */
export type Connection = 'starting' | 'live' | 'lost';

export interface OpsListener {
  readonly onMessage: (message: OpsMessage) => void;
  /** Connected again, after it was lost. */
  readonly onBack: () => void;
}

/** `orderNo`: that order's events besides. */
export function useOps(listener: OpsListener, orderNo?: string): Connection {
  const [connection, setConnection] = useState<Connection>('starting');
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    let socket: WebSocket | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let hasBeenLost = false;
    let isOver = false;
    const connect = () => {
      const url = new URL('/ws/ops', location.href);
      url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
      if (orderNo !== undefined) url.searchParams.set('order', orderNo);
      socket = new WebSocket(url);
      socket.onmessage = (event: MessageEvent<string>) => {
        const message = JSON.parse(event.data) as OpsMessage;
        failures = 0;
        setConnection('live');
        if (message.type === 'hello' && hasBeenLost) {
          hasBeenLost = false;
          latest.current.onBack();
        }
        latest.current.onMessage(message);
      };
      socket.onclose = () => {
        if (isOver) return;
        failures += 1;
        hasBeenLost = true;
        setConnection('lost');
        timer = setTimeout(connect, waitMs(failures, Math.random()));
      };
    };
    connect();
    return () => {
      isOver = true;
      clearTimeout(timer);
      socket?.close();
    };
  }, [orderNo]);
  return connection;
}
