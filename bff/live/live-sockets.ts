import type { WebSocket } from 'ws';
import type { BffMetrics, SocketKind } from '../metrics.ts';

/** More than this waiting to be taken: whoever is so slow reads the snapshot again later. */
const MAX_WAITING_BYTES = 256 * 1024;
const PING_MS = 20_000;

/** The codes that a socket is closed with. @see https://www.iana.org/assignments/websocket */
export const CLOSE = {
  goingAway: 1001,
  tryAgain: 1013,
  signedOut: 4401,
  notFound: 4404,
} as const;

interface Live {
  readonly socket: WebSocket;
  readonly kind: SocketKind;
  readonly isAllowed: () => Promise<boolean>;
  answered: boolean;
}

export interface LiveSocketsOptions {
  readonly metrics: BffMetrics;
  readonly now: () => number;
  readonly pingMs?: number;
  readonly maxWaitingBytes?: number;
}

/** All sockets of this instance: each is asked for a sign of life, bounded in what waits for it, and closed in the end. */
export class LiveSockets {
  readonly #options: Required<LiveSocketsOptions>;
  readonly #all = new Map<WebSocket, Live>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: LiveSocketsOptions) {
    this.#options = { pingMs: PING_MS, maxWaitingBytes: MAX_WAITING_BYTES, ...options };
    this.#timer = setInterval(() => this.#pingAll(), this.#options.pingMs).unref();
  }

  get size(): number {
    return this.#all.size;
  }

  /** @param isAllowed asked from time to time, whether whoever opened it is still signed in */
  add(
    socket: WebSocket,
    kind: SocketKind,
    isAllowed: () => Promise<boolean>,
    onClose: () => void,
  ): void {
    const live: Live = { socket, kind, isAllowed, answered: true };
    this.#all.set(socket, live);
    this.#options.metrics.opened(kind);
    socket.on('pong', () => {
      live.answered = true;
    });
    // Nothing is to be said by clients; who says much is cut off by the limit of the server.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      onClose();
      this.#leave(live, 'left');
    });
  }

  /** Sends, or drops a client that does not take what it was sent before. */
  send(socket: WebSocket, message: { readonly type: string }, appendedAt?: number): void {
    const live = this.#all.get(socket);
    if (!live || socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > this.#options.maxWaitingBytes) {
      this.#leave(live, 'slow');
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(message));
    const { metrics, now } = this.#options;
    metrics.pushed(
      message.type,
      appendedAt === undefined ? undefined : (now() - appendedAt) / 1000,
    );
  }

  /** All are told to come back to another instance. */
  close(): void {
    clearInterval(this.#timer);
    for (const live of [...this.#all.values()]) {
      this.#leave(live, 'shutdown');
      live.socket.close(CLOSE.goingAway, 'going away');
    }
  }

  #leave(live: Live, why: string): void {
    if (this.#all.delete(live.socket)) this.#options.metrics.closed(live.kind, why);
  }

  #pingAll(): void {
    for (const live of [...this.#all.values()]) {
      if (!live.answered) {
        this.#leave(live, 'silent');
        live.socket.terminate();
        continue;
      }
      live.answered = false;
      live.socket.ping();
      live.isAllowed().then(
        (isAllowed) => {
          if (isAllowed) return;
          this.#leave(live, 'signed out');
          live.socket.close(CLOSE.signedOut, 'signed out');
        },
        // Not known now: the next time.
        () => undefined,
      );
    }
  }
}
