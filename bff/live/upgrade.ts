/**
 * Opens WebSockets: `/ws/orders/{orderNo}?token=` for whom the token was made, once; `/ws/ops` for operators.
 *
 * U1. Whoever is not let in gets an HTTP answer and no socket.
 * U2. A token opens one socket: it is used up before the socket opens.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { parse } from 'hono/utils/cookie';
import { WebSocketServer, type WebSocket } from 'ws';
import { CHANNEL_TOKEN_MS, readChannelToken } from '../channel-token.ts';
import { orderNo as orderNoSchema } from '../contract.ts';
import type { OpsMessage } from '../contract-ops.ts';
import type { BffDeps } from '../deps.ts';
import { isOwnOrigin } from '../middleware/csrf.ts';
import { COOKIE } from '../middleware/session.ts';
import { ApiProblem, notFound, problemOf } from '../problems.ts';
import type { Session } from '../sessions.ts';
import type { Hub } from './hub.ts';
import { CLOSE, type LiveSockets } from './live-sockets.ts';
import { OrderChannel } from './order-channel.ts';

export interface UpgradeOptions {
  readonly deps: Pick<
    BffDeps,
    'cache' | 'sessions' | 'orders' | 'book' | 'channelSecret' | 'options' | 'logger' | 'now'
  >;
  readonly hub: Hub;
  readonly sockets: LiveSockets;
}

/** Clients have nothing to say. */
const MAX_MESSAGE_BYTES = 1024;

type Open = (socket: WebSocket) => void;

/** @example server.on('upgrade', upgradeHandler({ deps, hub, sockets })); */
export function upgradeHandler({ deps, hub, sockets }: UpgradeOptions) {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const { cache, logger, now, options, orders, sessions } = deps;

  const isAllowed = (session: Session) => () => sessions.isAlive(session.hash);

  const openOrder = (session: Session, accountId: string, orderNo: string): Open => {
    return (socket) => {
      const channel = new OrderChannel(
        orderNo,
        (message, appendedAt) => sockets.send(socket, message, appendedAt),
        now,
      );
      // Before the snapshot is read: what happens meanwhile is not missed.
      const leave = hub.join(channel);
      sockets.add(socket, 'order', isAllowed(session), leave);
      orders.find(accountId, orderNo).then(
        (stored) => {
          if (!stored) {
            socket.close(CLOSE.notFound, 'no such order');
            return;
          }
          channel.open(
            stored.order,
            stored.observations.map(({ eventId }) => eventId),
          );
        },
        (error: unknown) => {
          logger.warn({ error }, 'a snapshot could not be read');
          socket.close(CLOSE.tryAgain, 'try again');
        },
      );
    };
  };
  const openOps = (session: Session, orderNo: string | undefined): Open => {
    return (socket) => {
      const leaves = [
        hub.joinOperators((message, appendedAt) => sockets.send(socket, message, appendedAt)),
      ];
      sockets.add(socket, 'ops', isAllowed(session), () => leaves.forEach((leave) => leave()));
      const hello: OpsMessage = { type: 'hello', serverTime: now() };
      sockets.send(socket, hello);
      if (orderNo === undefined) return;
      const channel = new OrderChannel(
        orderNo,
        (message, appendedAt) => {
          if (message.type === 'order-status' || message.type === 'payment-status')
            sockets.send(socket, message, appendedAt);
        },
        now,
      );
      leaves.push(hub.join(channel));
      deps.book.find(orderNo).then(
        (stored) =>
          channel.open(stored?.order, stored?.observations.map(({ eventId }) => eventId) ?? []),
        () => socket.close(CLOSE.tryAgain, 'try again'),
      );
    };
  };

  const admit = async (request: IncomingMessage): Promise<Open> => {
    const { origin, host, cookie = '' } = request.headers;
    const isOwn = origin === undefined || isOwnOrigin(origin, host, options.publicOrigins);
    if (!isOwn) throw new ApiProblem(403, 'the request comes from another site');
    const url = URL.parse(request.url ?? '', 'http://bff');
    const orderNo = /^\/ws\/orders\/([^/]+)$/.exec(url?.pathname ?? '')?.[1];
    const isOps = url?.pathname === '/ws/ops';
    if (!url || (orderNo === undefined && !isOps)) throw notFound('socket');
    const id = parse(cookie, COOKIE)[COOKIE];
    const session = id === undefined ? undefined : await sessions.find(id);
    if (isOps) {
      if (!session?.account?.roles.includes('operator')) throw notFound('socket');
      const wanted = orderNoSchema.safeParse(url.searchParams.get('order'));
      return openOps(session, wanted.data);
    }
    if (!session?.account) throw new ApiProblem(401, 'please sign in');
    const { accountId } = session.account;
    const wanted = orderNoSchema.safeParse(orderNo);
    const token = wanted.success
      ? readChannelToken(
          url.searchParams.get('token') ?? '',
          { accountId, orderNo: wanted.data, session: session.hash },
          await deps.channelSecret(),
          now(),
        )
      : undefined;
    const isFirst =
      token && (await cache.setIfAbsent(`channel-used:${token.id}`, '1', 2 * CHANNEL_TOKEN_MS));
    if (!token || !isFirst)
      throw new ApiProblem(401, 'the channel token is missing, used, over, or not for this');
    return openOrder(session, accountId, token.orderNo);
  };

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    admit(request).then(
      (open) => server.handleUpgrade(request, socket, head, open),
      (error: unknown) => {
        const answer = problemOf(error as Error);
        if (answer.status === 500) logger.error({ error }, 'a socket could not be opened');
        refuse(socket, answer).catch(() => socket.destroy());
      },
    );
  };
}

async function refuse(socket: Duplex, answer: Response): Promise<void> {
  const body = await answer.text();
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${answer.status} Refused\r\n${headers}content-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
