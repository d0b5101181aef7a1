import { beforeEach, describe, expect, test } from 'vitest';
import type { ChannelState, Socket } from './order-channel.ts';
import { backOffMs, OrderChannel } from './order-channel.ts';

test('waiting doubles up to half a minute, and is never the same for all', () => {
  expect([0, 1, 2, 3, 6, 50].map((attempt) => backOffMs(attempt, 1))).toEqual([
    500, 1000, 2000, 4000, 30_000, 30_000,
  ]);
  expect(backOffMs(3, 0)).toBe(2000);
  expect(backOffMs(3, 0.5)).toBe(3000);
});

describe('a channel', () => {
  let states: ChannelState[];
  let messages: string[];
  let opened: { token: string; socket: Socket; isClosed: boolean }[];
  let waits: { run: () => void; ms: number; isCancelled: boolean }[];
  let tokens: (string | null | Error)[];
  let channel: OrderChannel;

  beforeEach(() => {
    [states, messages, opened, waits] = [[], [], [], []];
    tokens = ['token-2', 'token-3'];
    channel = new OrderChannel({
      open: (token) => {
        const socket: Socket = {
          onopen: null,
          onmessage: null,
          onclose: null,
          close: () => {
            entry.isClosed = true;
          },
        };
        const entry = { token, socket, isClosed: false };
        opened.push(entry);
        return socket;
      },
      freshToken: () => {
        const token = tokens.shift();
        return token instanceof Error ? Promise.reject(token) : Promise.resolve(token ?? null);
      },
      onMessage: ({ type }) => messages.push(type),
      onState: (state) => states.push(state),
      random: () => 1,
      later: (run, ms) => {
        const wait = { run, ms, isCancelled: false };
        waits.push(wait);
        return () => {
          wait.isCancelled = true;
        };
      },
    });
  });

  type Handler = (this: unknown, event: unknown) => void;
  const tell = (kind: 'onopen' | 'onmessage' | 'onclose', data?: unknown) => {
    const { socket } = opened.at(-1)!;
    (socket[kind] as Handler | null)?.call(socket, { data });
  };
  const settled = () => new Promise(setImmediate);

  test('passes messages on, and drops what it can’t read', () => {
    channel.start('token-1');
    tell('onopen');
    for (const data of ['{"type":"payment"}', '{', '{"type":"news"}', 'null', 7]) {
      tell('onmessage', data);
    }
    expect(messages).toEqual(['payment']);
    expect(states).toEqual(['connecting', 'connected']);
  });

  test('comes back with another token', async () => {
    channel.start('token-1');
    tell('onclose');
    expect(states.at(-1)).toBe('lost');
    waits[0]!.run();
    await settled();
    tell('onopen');
    expect(opened.map(({ token }) => token)).toEqual(['token-1', 'token-2']);
    expect(states.at(-1)).toBe('connected');
  });

  test('waits longer each time, until something was heard', async () => {
    tokens = [new Error('away'), 'token-2', 'token-3'];
    channel.start('token-1');
    tell('onclose');
    waits[0]!.run();
    await settled();
    waits[1]!.run();
    await settled();
    tell('onopen');
    tell('onmessage', '{"type":"snapshot"}');
    tell('onclose');
    expect(waits.map(({ ms }) => ms)).toEqual([500, 1000, 500]);
  });

  test('stops asking when the visitor is signed out', async () => {
    tokens = [null];
    channel.start(null);
    await settled();
    expect(states).toEqual(['connecting', 'signed-out']);
    expect(opened).toEqual([]);
  });

  test('hurries when the network is back, and never twice at once', async () => {
    channel.start('token-1');
    channel.lose();
    expect(opened[0]!.isClosed).toBe(true);
    channel.hurry();
    channel.hurry();
    expect(waits[0]!.isCancelled).toBe(true);
    await settled();
    expect(opened).toHaveLength(2);
  });

  test('is silent once it is stopped, even with a token on its way', async () => {
    channel.start(null);
    channel.stop();
    await settled();
    expect(opened).toEqual([]);
    expect(states).toEqual(['connecting']);
  });
});
