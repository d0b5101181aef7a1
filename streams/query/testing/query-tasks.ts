import type { Topology } from '../../graph/topology.ts';
import { partitionFor } from '../../runtime/kafka/partitioner.ts';
import type { Task } from '../../task/task.ts';
import { rawPing, startTask } from '../../testing/tasks.ts';
import type { Ping } from '../../testing/topics.ts';
import { answerQuery, type QueryableTask } from '../answer-query.ts';
import { QueryRouter } from '../query-router.ts';

/** A task as its owner lets it be asked. */
export function asActive(task: Task): QueryableTask {
  return {
    id: task.id,
    isActive: true,
    watermark: task.committedWatermark,
    committed: (store) => task.state.committed(store),
    lag: () => ({ records: 0, asOf: 1_000 }),
  };
}

/** A task as a standby lets it be asked. @param lag in records; undefined: it has not looked yet */
export function asStandby(task: Task, lag?: number): QueryableTask {
  return {
    ...asActive(task),
    isActive: false,
    watermark: -Infinity,
    lag: () => (lag === undefined ? undefined : { records: lag, asOf: 500 }),
  };
}

/** Commits what the task has done, as if its transaction had taken `offset` to the end of each changelog. */
export function commit(task: Task, offset = 1): void {
  const prepared = task.prepareCommit();
  if (!prepared) return;
  task.postCommit(new Map(prepared.changelog.map(({ topic }) => [topic, offset])));
}

/** All tasks of a topology's first sub-topology in one instance, which can be asked as an application would be. */
export class QueryTasks {
  readonly tasks: readonly Task[];
  readonly router: QueryRouter;
  /** Those that it lets be asked. */
  isHere: (task: Task) => boolean = () => true;
  #offset = 0;

  /** @param mostOfPage entries that a page has at most; asked for each page */
  constructor(topology: Topology, partitions: number, mostOfPage: () => number = () => Infinity) {
    this.tasks = Array.from({ length: partitions }, (_, partition) =>
      startTask(topology, { partition }),
    );
    this.router = new QueryRouter({
      applicationServer: 'here:1',
      cluster: () => ({ taskCounts: [partitions], hosts: new Map(), isPartial: false }),
      transport: { ask: () => Promise.reject(new Error('everything is here')) },
      // As another thread would answer: neither side has the other's objects.
      answerHere: (asked) => {
        const request = structuredClone(asked);
        const { query } = request;
        const limited =
          query.kind === 'get' ? query : { ...query, limit: Math.min(query.limit, mostOfPage()) };
        const here = this.tasks.filter((task) => this.isHere(task)).map(asActive);
        const answer = answerQuery(here, { ...request, query: limited });
        return Promise.resolve(structuredClone(answer));
      },
    });
  }

  /** Each to the task that has its key, processed and committed. */
  process(topic: string, pings: readonly Ping[]): void {
    for (const ping of pings) {
      const task = this.tasks[partitionFor(Buffer.from(ping.id), this.tasks.length)]!;
      const offset = this.#offset++;
      task.addRecords(topic, [rawPing(offset, ping)], offset + 1, undefined);
    }
    for (const task of this.tasks) {
      task.process(pings.length + 1_000, Infinity);
      commit(task);
    }
  }
}
