import { once } from 'node:events';
import { WebSocket } from 'ws';
import { orderMessage } from '../../../bff/contract.ts';
import { issueChannelToken } from '../../../bff/channel-token.ts';
import type { Sessions } from '../../../bff/sessions.ts';

/** One change of an order as it came. */
export interface Push {
  readonly statusAt: number;
  readonly receivedAt: number;
}

/** Opened at the same time; the others wait their turn. */
const OPENING = 25;

/** Shoppers, each signed in and with the page of the own order open. */
export class Watchers implements Disposable {
  /** By order, in the order in which they came. */
  readonly pushes = new Map<string, Push[]>();
  /** Sockets that the other side has closed. */
  readonly lost: string[] = [];
  received = 0;
  readonly #url: string;
  readonly #sessions: Sessions;
  readonly #secret: string;
  readonly #sockets: WebSocket[] = [];
  #isOver = false;

  /** @param address `host:port` of the BFF, whose sessions and channel secret these are */
  constructor(address: string, sessions: Sessions, secret: string) {
    this.#url = `ws://${address}`;
    this.#sessions = sessions;
    this.#secret = secret;
  }

  /** Opens a socket for each order; all have their snapshot when it resolves. */
  async open(orderNos: readonly string[], accountOf: (orderNo: string) => string): Promise<void> {
    for (let at = 0; at < orderNos.length; at += OPENING) {
      const next = orderNos.slice(at, at + OPENING);
      await Promise.all(next.map((orderNo) => this.#open(orderNo, accountOf(orderNo))));
    }
  }

  async #open(orderNo: string, accountId: string): Promise<void> {
    const account = { accountId, displayName: 'Hana', roles: ['shopper'] as const };
    const { id, session } = await this.#sessions.begin(account);
    const meant = { accountId, orderNo, session: session.hash };
    const { channelToken } = issueChannelToken(meant, this.#secret, Date.now());
    const socket = new WebSocket(`${this.#url}/ws/orders/${orderNo}?token=${channelToken}`, {
      headers: { cookie: `sid=${id}`, origin: this.#url.replace('ws:', 'http:') },
    });
    this.#sockets.push(socket);
    const pushes: Push[] = [];
    this.pushes.set(orderNo, pushes);
    // With the data: the snapshot is the first message, and nothing may be missed after it.
    const [first] = (await once(socket, 'message')) as [Buffer];
    if (orderMessage.parse(JSON.parse(first.toString())).type !== 'snapshot')
      throw new Error(`${orderNo}: the first message is no snapshot: ${first.toString()}`);
    socket.on('message', (data: Buffer) => {
      const receivedAt = Date.now();
      const message = orderMessage.parse(JSON.parse(data.toString()));
      if (message.type !== 'order-status') return;
      pushes.push({ statusAt: message.statusAt, receivedAt });
      this.received += 1;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', (code) => {
      if (!this.#isOver) this.lost.push(`${orderNo} (${String(code)})`);
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.terminate();
  }
}
