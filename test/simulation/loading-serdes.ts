import type { LoadingSerde, AnyTopic } from '#streams';
import type { Faults } from './faults.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimProcess } from './sim-process.ts';

const SCHEMAS = 3;

/** Serdes that can read a record only once its schema is loaded, which takes time and may fail; one set per process. */
export function loadingSerdes(
  clock: SimClock,
  faults: Faults,
  process: SimProcess,
): (topic: AnyTopic) => LoadingSerde<unknown> {
  const loaded = new Set<string>();
  return ({ name, value }) => {
    const schemaOf = (bytes: Buffer) => `${name} ${(bytes.at(-2) ?? 0) % SCHEMAS}`;
    return {
      encode: (decoded) => value.encode(decoded),
      decode: (bytes) => {
        if (!loaded.has(schemaOf(bytes))) throw new Error('decoded before its schema was loaded');
        return value.decode(bytes);
      },
      load: (bytes) => {
        const schema = schemaOf(bytes);
        return loaded.has(schema) ? undefined : load(schema);
      },
    };
  };

  async function load(schema: string): Promise<void> {
    faults.strike({ at: 'load' }, process);
    await clock.sleep(faults.openDelayMs());
    if (faults.isRegistryAway()) throw new Error('the registry is away');
    loaded.add(schema);
  }
}
