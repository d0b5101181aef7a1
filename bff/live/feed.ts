import { follow, type ComponentHealth, type Followed, type Logger, type Settings } from '#kit';
import { renamed, topics, type AvroTopic, type SchemaRegistry } from '#schemas';
import type { Hub } from './hub.ts';

const RETRY_MS = 1000;

export interface FeedOptions {
  readonly settings: Settings;
  readonly schemas: SchemaRegistry;
  readonly hub: Hub;
  readonly logger: Logger;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Follows what happens, from now on, and hands it to the hub. What is missed meanwhile is found by the poll. */
export class Feed {
  readonly #options: FeedOptions;
  #problem: string | undefined = 'topics are not followed yet';

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  health(): ComponentHealth {
    return this.#problem === undefined
      ? { status: 'UP' }
      : { status: 'DOWN', details: { reason: this.#problem } };
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { settings, logger, sleep } = this.#options;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      try {
        const following = await follow({
          kafka: settings.kafka,
          clientId: 'bff',
          from: 'latest',
          topics: this.#topics(),
          onBad: (problem) => logger.warn(problem),
          onContact: (problem) => {
            this.#problem = problem;
          },
          logger,
        });
        this.#problem = undefined;
        await Promise.race([following.failed, stopped]).finally(() => following.stop());
      } catch (error) {
        this.#problem = (error as Error).message;
        logger.warn({ error }, `topics can not be followed: ${this.#problem}`);
        await sleep(RETRY_MS, signal);
      }
    }
  }

  /** The topics that are followed, under the names that the settings give them. */
  get followed(): AvroTopic<unknown>[] {
    return this.#handlers().map(({ topic }) => topic);
  }

  #topics(): Followed<unknown>[] {
    const { schemas } = this.#options;
    return this.#handlers().map(({ topic, onValue }) => ({
      name: topic.name,
      serde: schemas.serde(topic),
      onValue: (value, _where, appendedAt) => onValue(value, appendedAt),
    }));
  }

  #handlers() {
    const { hub, settings } = this.#options;
    const each = <V>(topic: AvroTopic<V>, onValue: (value: V, appendedAt: number) => void) => ({
      topic: topic as AvroTopic<unknown>,
      onValue: (value: unknown, appendedAt: number) => onValue(value as V, appendedAt),
    });
    const { orderTopic, paymentTopic, alertTopic, resolvedTopic } = settings;
    return [
      each(renamed(topics.orderStatusChanged, orderTopic), (v, at) => hub.orderStatus(v, at)),
      each(topics.paymentEvent, (v, at) => hub.paymentEvent(v, at)),
      each(renamed(topics.paymentStatusObserved, paymentTopic), (v, at) =>
        hub.paymentObserved(v, at),
      ),
      each(renamed(topics.alertRaised, alertTopic), (v, at) => hub.alertRaised(v, at)),
      each(renamed(topics.alertResolved, resolvedTopic), (v, at) => hub.alertResolved(v, at)),
      each(topics.alertAction, (v, at) => hub.alertAction(v, at)),
      each(topics.alertActionOutcome, (v, at) => hub.alertOutcome(v, at)),
    ];
  }
}
