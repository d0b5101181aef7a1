import { Counter, Histogram, type Registry } from 'prom-client';
import type { IndexName } from '#kit';

/** What the search indexer counts. */
export interface IndexerMetrics {
  documents(index: IndexName, outcome: string, count: number): void;
  /** Measures a bulk request. */
  timed<T>(index: IndexName, request: () => Promise<T>): Promise<T>;
  register(registry: Registry): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function indexerMetrics(): IndexerMetrics {
  const documents = new Counter({
    name: 'search_documents_total',
    help:
      'Documents by what became of them: written, unchanged, conflict (a newer one was there, or another writer was quicker), ' +
      'refused (a dead letter now), ignored (of a kind that is not known), gone (its index was replaced)',
    labelNames: ['index', 'outcome'],
    registers: [],
  });
  const requests = new Histogram({
    name: 'search_bulk_seconds',
    help: 'Requests that write documents, by whether they were answered',
    labelNames: ['index', 'outcome'],
    buckets: SECONDS,
    registers: [],
  });
  return {
    documents: (index, outcome, count) => documents.inc({ index, outcome }, count),
    async timed(index, request) {
      const end = requests.startTimer({ index });
      try {
        const answer = await request();
        end({ outcome: 'answered' });
        return answer;
      } catch (error) {
        end({ outcome: 'failed' });
        throw error;
      }
    },
    register(registry) {
      for (const metric of [documents, requests]) registry.registerMetric(metric);
    },
  };
}
