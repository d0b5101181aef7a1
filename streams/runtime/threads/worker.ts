/** What runs in a worker: one application with one stream thread, driven by messages. See `ThreadedStreams`. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import type { KafkaStreams } from '../kafka-streams.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import type { CreateStreams } from './threaded-streams.ts';

const { entry, data, identity } = workerData as WorkerStart;
const port = parentPort!;
const stopping = new AbortController();
const made = makeApp();

port.on('message', (message: ToWorker) => {
  if (message.type === 'close') void close();
  else void answer(message);
});

async function makeApp(): Promise<KafkaStreams | undefined> {
  try {
    const module = (await import(entry)) as { default: CreateStreams };
    const app = await module.default(data, { identity, signal: stopping.signal });
    app.onState((state) => tell({ type: 'state', state, error: app.error }));
    if (!stopping.signal.aborted) app.start();
    return app;
  } catch (error) {
    if (!stopping.signal.aborted) tell({ type: 'state', state: 'ERROR', error: asError(error) });
    return undefined;
  }
}

async function answer(question: Extract<ToWorker, { type: 'ask' }>): Promise<void> {
  const { id } = question;
  try {
    const app = await made;
    if (!app) throw new Error(`stream thread ${identity.thread} has not started`);
    const answered =
      question.what === 'answerQuery' ? app.answerQuery(question.request) : app[question.what]();
    tell({ type: 'answer', id, answer: await answered });
  } catch (error) {
    tell({ type: 'refusal', id, error: asError(error) });
  }
}

async function close(): Promise<void> {
  stopping.abort();
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
