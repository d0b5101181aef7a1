/** What runs in a worker: one application with one stream thread, driven by messages. See `ThreadedStreams`. */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import type { QueryRequest } from '../../query/store-query.ts';
import type { KafkaStreams } from '../kafka-streams.ts';
import type { Answers, FromWorker, ToWorker, WorkerStart } from './messages.ts';
import type { CreateStreams } from './threaded-streams.ts';

const { entry, data, identity } = workerData as WorkerStart;
const port = parentPort!;
const stopping = new AbortController();
const isStopping = () => stopping.signal.aborted;
const told = Promise.withResolvers<undefined>();
// What `entry` imports is compiled once and not at each start.
enableCompileCache();
const made = makeApp();

port.on('message', (message: ToWorker) => {
  if (message.type === 'start') told.resolve(undefined);
  else if (message.type === 'close') void close();
  else void answer(message);
});

async function makeApp(): Promise<KafkaStreams | undefined> {
  try {
    const module = (await import(entry)) as { default: CreateStreams };
    // Now, since a killed process does not.
    flushCompileCache();
    await told.promise;
    if (isStopping()) return undefined;
    const app = await module.default(data, { identity, signal: stopping.signal });
    app.onState((state) => tell({ type: 'state', state, error: app.error }));
    app.onAssignment((cluster) => tell({ type: 'assignment', cluster }));
    if (!isStopping()) app.start();
    return app;
  } catch (error) {
    if (!isStopping()) tell({ type: 'state', state: 'ERROR', error: asError(error) });
    return undefined;
  }
}

async function answer({ id, what, request }: Extract<ToWorker, { type: 'ask' }>): Promise<void> {
  try {
    const app = await made;
    if (!app) throw new Error(`stream thread ${identity.thread} has not started`);
    tell({ type: 'answer', id, answer: await answerOf(app, what, request) });
  } catch (error) {
    tell({ type: 'refusal', id, error: asError(error) });
  }
}

function answerOf(
  app: KafkaStreams,
  what: keyof Answers,
  request: QueryRequest | undefined,
): Answers[keyof Answers] | Promise<Answers[keyof Answers]> {
  if (what === 'query') return app.answerQuery(request!);
  return what === 'status' ? app.status() : app.health();
}

async function close(): Promise<void> {
  stopping.abort();
  told.resolve(undefined);
  await (await made)?.close();
  // Nothing holds the worker any more.
  port.close();
}

function tell(message: FromWorker): void {
  port.postMessage(message);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
