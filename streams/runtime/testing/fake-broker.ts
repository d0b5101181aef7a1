import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ByteReader } from '../kafka/varint.ts';
import { encoder, type Encoder } from './kafkajs-protocol.ts';

export const METADATA = 3;
export const FIND_COORDINATOR = 10;
export const HEARTBEAT = 12;
export const SASL_HANDSHAKE = 17;
export const SASL_AUTHENTICATE = 36;
const API_VERSIONS = 18;
/** Of the requests whose version clients choose. */
const VERSIONS = [
  [METADATA, 5],
  [FIND_COORDINATOR, 1],
  [SASL_HANDSHAKE, 1],
  [SASL_AUTHENTICATE, 1],
] as const;

export interface FakeRequest {
  readonly api: number;
  readonly body: ByteReader;
  readonly socket: Socket;
}

/** What a request is answered with; `half`: the answer's first half, and the end of the connection. */
export type FakeAnswer = Encoder | { readonly half: Encoder } | 'nothing';

/** A broker that answers as a test says, over a real socket; `ApiVersions` it answers itself. */
export class FakeBroker implements AsyncDisposable {
  readonly port: number;
  /** Connections so far. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(
    answer: (request: FakeRequest, broker: FakeBroker) => FakeAnswer | Promise<FakeAnswer>,
  ): Promise<FakeBroker> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = new FakeBroker(server);
    server.on('connection', (socket) => broker.#serve(socket, answer));
    return broker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(
    socket: Socket,
    answer: (request: FakeRequest, broker: FakeBroker) => FakeAnswer | Promise<FakeAnswer>,
  ): void {
    this.connections++;
    this.#sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0);
        const reader = new ByteReader(bytes.subarray(4, end));
        bytes = bytes.subarray(end);
        const api = reader.int16();
        reader.position += 2; // version
        const correlationId = reader.int32();
        reader.string(); // client id
        const request = { api, body: reader, socket };
        void Promise.resolve(api === API_VERSIONS ? apiVersions() : answer(request, this)).then(
          (answered) => send(socket, correlationId, answered),
        );
      }
    });
  }
}

function send(socket: Socket, correlationId: number, answer: FakeAnswer): void {
  if (answer === 'nothing') return;
  const isHalf = 'half' in answer;
  const { buffer } = isHalf ? answer.half : answer;
  const head = encoder()
    .writeInt32(4 + buffer.length)
    .writeInt32(correlationId).buffer;
  const whole = Buffer.concat([head, buffer]);
  if (isHalf) socket.end(whole.subarray(0, whole.length >> 1));
  else socket.write(whole);
}

function apiVersions(): Encoder {
  const versions = VERSIONS.map(([api, version]) =>
    encoder().writeInt16(api).writeInt16(version).writeInt16(version),
  );
  return encoder().writeInt16(0).writeArray(versions).writeInt32(0);
}

export interface FakePartition {
  readonly leader: number;
  readonly errorCode?: number;
}

/** Metadata, version 5. @param brokers ports by id */
export function metadataAnswer(
  brokers: ReadonlyMap<number, number>,
  topics: readonly {
    readonly name: string;
    readonly errorCode?: number;
    readonly partitions: readonly FakePartition[];
  }[],
): Encoder {
  const nodes = [...brokers].map(([id, port]) =>
    encoder().writeInt32(id).writeString('127.0.0.1').writeInt32(port).writeString(null),
  );
  const all = topics.map(({ name, errorCode = 0, partitions }) => {
    const each = partitions.map((partition, i) =>
      encoder()
        .writeInt16(partition.errorCode ?? 0)
        .writeInt32(i)
        .writeInt32(partition.leader)
        .writeArray([])
        .writeArray([])
        .writeArray([]),
    );
    return encoder().writeInt16(errorCode).writeString(name).writeInt8(0).writeArray(each);
  });
  const head = encoder().writeInt32(0).writeArray(nodes).writeString('cluster').writeInt32(1);
  return head.writeArray(all);
}

/** The topics that a metadata request asks for; null: all. */
export function topicsAskedFor({ body }: FakeRequest): string[] | null {
  const count = body.int32();
  return count < 0 ? null : Array.from({ length: count }, () => body.string() ?? '');
}
