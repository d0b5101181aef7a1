import { connect } from 'node:net';

const TIMEOUT_MS = 2000;

/** Whether an HTTP address answers with 200. */
export async function httpOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.status === 200;
}

/**
 * Connects to 127.0.0.1:port, says `hello` (nothing when it is empty) and hands what has come back so
 * far to `judge`, until that answers something else than undefined. False when the other side
 * closes, refuses or says nothing for two seconds.
 */
export function talk(
  port: number,
  hello: Uint8Array,
  judge: (answer: Buffer) => boolean | undefined,
): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(TIMEOUT_MS, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => hello.length > 0 && socket.write(hello));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      const verdict = judge(answer);
      if (verdict !== undefined) done(verdict);
    });
  });
}

/** Whether the broker on this port is there and serves: its own metadata name it, so it is not fenced. */
export function kafkaAnswers(port: number): Promise<boolean> {
  // Metadata request (api 3, version 1), correlation 7, no client id, no topics.
  const request = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0]);
  return talk(port, request, (answer) => {
    if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return undefined;
    return answer.readInt32BE(4) === 7 && portsIn(answer).includes(port);
  });
}

/** The ports of the brokers in an answer to the request above. */
function portsIn(answer: Buffer): number[] {
  const ports: number[] = [];
  let position = 12; // behind size, correlation id and the number of brokers
  for (let left = answer.readInt32BE(8); left > 0; left--) {
    position += 6 + answer.readInt16BE(position + 4); // id, host
    ports.push(answer.readInt32BE(position));
    position += 6 + Math.max(0, answer.readInt16BE(position + 4)); // port, rack
  }
  return ports;
}

/** Whether a MySQL or MariaDB server greets: protocol version 10, not an error packet. */
export function mysqlAnswers(port: number): Promise<boolean> {
  return talk(port, new Uint8Array(), (answer) =>
    answer.length < 5 ? undefined : answer.readUInt8(4) === 10,
  );
}

/** Whether a Redis server answers to PING (it says LOADING while it reads its file). */
export function redisAnswers(port: number): Promise<boolean> {
  return talk(port, Buffer.from('PING\r\n'), (answer) =>
    answer.includes('\r\n') ? answer.toString('latin1').startsWith('+PONG') : undefined,
  );
}
