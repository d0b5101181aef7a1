import { partitionFor } from '#streams/runtime/kafka/partitioner';
import { NO_HEADERS } from '#streams/processor/record';
import type { ModelBroker } from '../broker/model-broker.ts';
import type { Input } from './workload.ts';

/** Writes the inputs when their time has come, some in transactions of other programs; brokers serve it whatever happens. */
export class InputWriter {
  /** Where records are that nobody can process. */
  readonly deadLetters = new Set<string>();
  readonly #broker: ModelBroker;
  #left: number;
  #producerIds = 1n;

  constructor(broker: ModelBroker, inputs: readonly Input[], mode: 'live' | 'replay') {
    this.#broker = broker;
    this.#left = inputs.length;
    const start = broker.scheduler.now;
    // Those of one instant in their order, which decides between records of equal event times.
    for (const [atMs, together] of Map.groupBy(inputs, (input) => input.atMs)) {
      if (mode === 'replay') for (const input of together) this.#write({ ...input, openMs: 0 });
      else {
        broker.scheduler.at(start + atMs, () => {
          for (const input of together) this.#write(input);
        });
      }
    }
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  #write(input: Input): void {
    const { cluster, scheduler } = this.#broker;
    const { topic, key, value, writer, openMs } = input;
    const partition = partitionFor(key, cluster.topics.get(topic)!.length);
    const log = cluster.find({ topic, partition });
    const record = { key, value, headers: NO_HEADERS };
    if (input.isDeadLetter) this.deadLetters.add(`${log.name}@${log.end}`);
    if (writer === 'plain') {
      log.append([record], scheduler.now);
      this.#left--;
      return;
    }
    const producerId = this.#producerIds++;
    log.appendOf({ producerId, epoch: 0 }, 0, [record], scheduler.now);
    const end = () => {
      const outcome = writer === 'committed' ? 'commit' : 'abort';
      log.appendMarker(producerId, 0, outcome, scheduler.now);
      this.#left--;
    };
    if (openMs === 0) end();
    else scheduler.after(openMs, end);
  }
}
