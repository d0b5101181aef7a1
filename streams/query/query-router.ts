import { StoreNotAvailable, messageWithCause } from '../errors.ts';
import type {
  Answered,
  QueryRequest,
  QueryTransport,
  StoreQuery,
  TaskAnswer,
} from './store-query.ts';

/** Who may be asked. */
export interface QueryOptions {
  /**
   * Whether a standby may answer when the owner does not (KIP-535). Its answer says by how many changelog records it is
   * behind. Default: only the owner.
   */
  readonly allowStale?: boolean;
  /** Asks this instance only. Default: whoever has the task. */
  readonly local?: boolean;
}

/** Who has what, as the group last assigned it. */
export interface QueryCluster {
  /** The number of tasks, by sub-topology. */
  readonly taskCounts: readonly number[];
  /** By `applicationServer`. */
  readonly hosts: ReadonlyMap<string, TasksOfHost>;
  /** Whether there are tasks that nobody has got yet. */
  readonly isPartial: boolean;
}

export interface TasksOfHost {
  readonly active: readonly string[];
  readonly standby: readonly string[];
}

export interface QueryRouterOptions {
  /** Where this instance answers, as `hosts` has it. */
  readonly applicationServer: string | undefined;
  readonly transport: QueryTransport;
  /** @throws {StoreNotAvailable} while the application does not run */
  readonly cluster: () => QueryCluster;
  readonly answerHere: (request: QueryRequest) => Promise<TaskAnswer>;
}

/** An answer, and where it was given. */
export interface RoutedAnswer extends Answered {
  /** Undefined: here, and this instance has no `applicationServer`. */
  readonly host: string | undefined;
}

/**
 * Asks whoever has a task: this instance first, then the owner by its address; and, when stale answers are allowed and the
 * owner has none, its standbys, the one here first.
 */
export class QueryRouter {
  readonly #options: QueryRouterOptions;

  constructor(options: QueryRouterOptions) {
    this.#options = options;
  }

  /** @throws {StoreNotAvailable} while the application does not run */
  get cluster(): QueryCluster {
    return this.#options.cluster();
  }

  /** The instances that have a task, by their addresses. */
  placesOf(task: string): { host: string | undefined; standbys: string[] } {
    const hosts = [...this.cluster.hosts];
    return {
      host: hosts.find(([, { active }]) => active.includes(task))?.[0],
      standbys: hosts.filter(([, { standby }]) => standby.includes(task)).map(([host]) => host),
    };
  }

  /** @throws {StoreNotAvailable} saying who was asked, and why there was no answer */
  async ask(task: string, query: StoreQuery, options: QueryOptions = {}): Promise<RoutedAnswer> {
    const refusals = new Set<string>();
    for (const { host, isStale } of this.#whom(task, options)) {
      const request = { task, query, allowStale: isStale };
      const answer = await (host === undefined
        ? this.#options.answerHere(request)
        : this.#askHost(host, request));
      if (answer.status === 'answered')
        return { ...answer, host: host ?? this.#options.applicationServer };
      refusals.add(answer.reason);
    }
    refusals.add(this.#whereabouts(task));
    const remedy = options.allowStale ? '' : ', or let a standby answer (allowStale)';
    throw new StoreNotAvailable(
      `store '${query.store}' of task ${task} can't be asked now: ${[...refusals].join('; ')}. Ask again in a moment${remedy}`,
    );
  }

  /** Whether this instance itself would answer for a task. */
  async isHere(
    task: string,
    store: string,
    { allowStale = false }: QueryOptions,
  ): Promise<boolean> {
    const query = { kind: 'get', store, key: Buffer.alloc(0) } as const;
    const answer = await this.#options.answerHere({ task, query, allowStale });
    return answer.status === 'answered';
  }

  /** Whom to ask, one after the other; without a host: here. */
  *#whom(
    task: string,
    { allowStale = false, local = false }: QueryOptions,
  ): Generator<{ host: string | undefined; isStale: boolean }> {
    yield { host: undefined, isStale: local && allowStale };
    if (local) return;
    const { applicationServer } = this.#options;
    const { host: owner, standbys } = this.placesOf(task);
    if (owner !== undefined && owner !== applicationServer) yield { host: owner, isStale: false };
    if (!allowStale) return;
    yield { host: undefined, isStale: true };
    for (const host of standbys) if (host !== applicationServer) yield { host, isStale: true };
  }

  async #askHost(host: string, request: QueryRequest): Promise<TaskAnswer> {
    const refuse = (reason: string) =>
      ({ status: 'not-available', task: request.task, reason: `${host}: ${reason}` }) as const;
    try {
      const answer = await this.#options.transport.ask(host, request);
      if (answer.status === 'not-available') return refuse(answer.reason);
      const isWanted = answer.task === request.task && (answer.isActive || request.allowStale);
      return isWanted ? answer : refuse('it has answered something else');
    } catch (error) {
      return refuse(messageWithCause(error));
    }
  }

  #whereabouts(task: string): string {
    const { host } = this.placesOf(task);
    const { applicationServer } = this.#options;
    if (host !== undefined && host === applicationServer)
      return 'it was assigned to this instance, which is opening or restoring it';
    if (host !== undefined) return `it was assigned to ${host}`;
    return this.cluster.isPartial
      ? 'it is on its way from one instance to another'
      : 'its owner has not said where it can be asked (applicationServer)';
  }
}
