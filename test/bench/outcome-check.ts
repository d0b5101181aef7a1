import type { AlertRaised, AlertResolved } from '#schemas';
import type { RegistrySerde } from '../../schemas/registry.ts';
import type { RawRecord } from '../../streams/task/input-record.ts';
import type { AlertIds } from './load.ts';
import type { TopicReader } from './topic-reader.ts';

/** Collects the ids of one output topic. */
export class AlertCollector {
  readonly ids: string[] = [];
  readonly #reader: TopicReader;
  readonly #serde: RegistrySerde<AlertRaised> | RegistrySerde<AlertResolved>;

  constructor(
    reader: TopicReader,
    serde: RegistrySerde<AlertRaised> | RegistrySerde<AlertResolved>,
  ) {
    this.#reader = reader;
    this.#serde = serde;
  }

  async poll(maxWaitMs: number): Promise<void> {
    await this.#take(await this.#reader.poll(maxWaitMs));
  }

  async readTo(ends: readonly number[]): Promise<void> {
    await this.#take(await this.#reader.readTo(ends));
  }

  async #take(records: readonly RawRecord[]): Promise<void> {
    for (const { value } of records) {
      await this.#serde.load(value!);
      this.ids.push(this.#serde.decode(value!).alertId);
    }
  }
}

/** What is wrong with an outcome, in words; undefined when it is as expected. */
export function outcomeFault(actual: AlertIds, expected: AlertIds): string | undefined {
  const faults = [
    difference('alerts', actual.raised, expected.raised),
    difference('resolutions', actual.resolved, expected.resolved),
  ].filter((fault) => fault !== undefined);
  return faults.length === 0 ? undefined : faults.join('; ');
}

function difference(
  what: string,
  actual: readonly string[],
  expected: readonly string[],
): string | undefined {
  const left = new Map<string, number>();
  for (const id of expected) left.set(id, (left.get(id) ?? 0) + 1);
  for (const id of actual) left.set(id, (left.get(id) ?? 0) - 1);
  const missing = [...left].filter(([, count]) => count > 0);
  const tooMany = [...left].filter(([, count]) => count < 0);
  if (missing.length === 0 && tooMany.length === 0) return undefined;
  const example = (missing[0] ?? tooMany[0])![0];
  return (
    `${expected.length} ${what} expected, ${actual.length} found: ` +
    `${missing.length} missing, ${tooMany.length} unexpected or doubled, such as ${example}`
  );
}
