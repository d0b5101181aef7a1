/**
 * Follows an order over its WebSocket, and comes back when the connection is lost.
 *
 * C1. A token opens one connection: the first is the page's own, each later one is asked for.
 * C2. Waiting doubles up to half a minute, with chance in it, so that all shoppers do not come back at once; what the
 *     server sent last starts it over.
 * C3. After `stop()` nothing is called any more.
 */
import type { OrderMessage } from '../contract.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait before the attempt of a number (0 is the first again): between half and all of the doubling. */
export function backOffMs(attempt: number, chance: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(most / 2 + (most / 2) * chance);
}

/** What of a WebSocket is needed. */
export type Socket = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'close'>;

export interface ChannelDeps {
  readonly open: (token: string) => Socket;
  /** Another token; `null`: the visitor is signed out, and there is none to be had. */
  readonly freshToken: () => Promise<string | null>;
  readonly onMessage: (message: OrderMessage) => void;
  readonly onState: (state: ChannelState) => void;
  readonly random: () => number;
  /** Calls back later; gives what takes it back. */
  readonly later: (run: () => void, ms: number) => () => void;
}

export type ChannelState = 'connecting' | 'connected' | 'lost' | 'signed-out';

export class OrderChannel {
  readonly #deps: ChannelDeps;
  #socket: Socket | null = null;
  #cancel: (() => void) | null = null;
  #attempt = 0;
  #isStopped = false;
  #isAsking = false;

  constructor(deps: ChannelDeps) {
    this.#deps = deps;
  }

  /** With the page's token, or with another one when that is over. */
  start(token: string | null): void {
    this.#deps.onState('connecting');
    if (token === null) void this.#reconnect();
    else this.#open(token);
  }

  /** The network is back, or somebody looks at the page again: no more waiting. */
  hurry(): void {
    if (this.#cancel === null) return;
    this.#cancel();
    this.#cancel = null;
    this.#attempt = 0;
    void this.#reconnect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
    this.#cancel = null;
    this.#leave();
  }

  /** The network is gone: a socket would notice only after minutes. */
  lose(): void {
    if (this.#isStopped || this.#socket === null) return;
    this.#leave();
    this.#wait();
  }

  #open(token: string): void {
    const socket = this.#deps.open(token);
    this.#socket = socket;
    socket.onopen = () => this.#deps.onState('connected');
    socket.onmessage = ({ data }) => {
      this.#attempt = 0;
      const message = messageOf(data);
      if (message !== undefined) this.#deps.onMessage(message);
    };
    socket.onclose = () => {
      this.#leave();
      this.#wait();
    };
  }

  #leave(): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #wait(): void {
    if (this.#isStopped || this.#cancel !== null) return;
    this.#deps.onState('lost');
    const ms = backOffMs(this.#attempt, this.#deps.random());
    this.#attempt += 1;
    this.#cancel = this.#deps.later(() => {
      this.#cancel = null;
      void this.#reconnect();
    }, ms);
  }

  async #reconnect(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const token = await this.#deps.freshToken();
      if (this.#hasStopped()) return;
      if (token === null) this.#deps.onState('signed-out');
      else this.#open(token);
    } catch {
      this.#wait();
    } finally {
      this.#isAsking = false;
    }
  }

  /** A call, since it may have changed while something was awaited. */
  #hasStopped(): boolean {
    return this.#isStopped;
  }
}

function messageOf(data: unknown): OrderMessage | undefined {
  try {
    const message = JSON.parse(String(data)) as OrderMessage;
    return KINDS.has(message.type) ? message : undefined;
  } catch {
    // Not for us: the next one may be.
    return undefined;
  }
}

const KINDS: ReadonlySet<unknown> = new Set([
  'snapshot',
  'order-status',
  'payment',
  'payment-status',
] satisfies OrderMessage['type'][]);
