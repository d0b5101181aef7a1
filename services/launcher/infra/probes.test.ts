import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { kafkaAnswers } from './probes.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** A broker whose metadata name the ports that `ports` answers, in pieces of one byte. */
async function broker(ports: (own: number) => number[]): Promise<number> {
  server = createServer((socket) => {
    socket.once('data', () => {
      for (const byte of metadata(ports(own))) socket.write(Uint8Array.of(byte));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return own;
}

/** Metadata, version 1: correlation id 7, the brokers, each with or without a rack, then a controller and no topics. */
function metadata(ports: readonly number[]): Buffer {
  const host = Buffer.from('127.0.0.1');
  const brokers = ports.map((port, i) => {
    const rack = i % 2 === 0 ? Buffer.from([0xff, 0xff]) : Buffer.from([0, 1, 0x61]);
    return Buffer.concat([int32(i + 1), Buffer.from([0, host.length]), host, int32(port), rack]);
  });
  const body = Buffer.concat([int32(7), int32(ports.length), ...brokers, int32(1), int32(0)]);
  return Buffer.concat([int32(body.length), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

test('a broker serves once its own metadata name it', async () => {
  expect(await kafkaAnswers(await broker((own) => [own]))).toBe(true);
});

test('it is found behind others, with racks and without', async () => {
  expect(await kafkaAnswers(await broker((own) => [1, 2, 3, own]))).toBe(true);
});

test.each([
  ['none', []],
  ['only others', [1, 2]],
])('it does not serve while the metadata name %s', async (_, ports) => {
  expect(await kafkaAnswers(await broker(() => ports))).toBe(false);
});
