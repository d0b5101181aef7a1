import type { Kafka, Producer, TopicPartition } from '#streams/runtime/kafka/kafka';
import { KafkaError } from '#streams/runtime/kafka/kafka';
import { META_COLUMN, type StateBackend } from '#streams/state/backend';
import type { Sabotage } from './fleet.ts';
import { overriding } from './overriding.ts';

/**
 * Faults that a stream processor may have, each as a layer between the runtime and what it relies on: a checker that does not
 * notice them is no checker.
 */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'committed offsets are read before the former owner is fenced': {
    kafka(kafka) {
      let inputs: readonly TopicPartition[] = [];
      const early = new Map<number, ReturnType<Kafka['committedOffsets']>>();
      const ask = async (id: string) => {
        const partition = taskOf(id);
        const asked = inputs.map(({ topic }) => ({ topic, partition }));
        if (!early.has(partition) && asked.length > 0)
          early.set(partition, kafka.committedOffsets('app', asked));
        await early.get(partition)?.catch(() => early.delete(partition));
      };
      return overriding(kafka, {
        async initProducerId(id, timeoutMs) {
          await ask(id);
          return kafka.initProducerId(id, timeoutMs);
        },
        // A task that starts again takes over from itself: its last commit may be on its way still.
        async endTxn(producer, outcome) {
          try {
            await kafka.endTxn(producer, outcome);
          } catch (error) {
            await ask(producer.transactionalId);
            throw error;
          }
        },
        async committedOffsets(groupId, partitions) {
          inputs = partitions;
          const known = early.get(partitions[0]!.partition);
          early.delete(partitions[0]!.partition);
          return known ?? kafka.committedOffsets(groupId, partitions);
        },
      });
    },
  },

  'nobody is fenced': {
    kafka(kafka, { name }) {
      const own = (id: string) => `${name}-${id}`;
      const disguised = (producer: Producer) => ({
        ...producer,
        transactionalId: own(producer.transactionalId),
      });
      return overriding(kafka, {
        initProducerId: (id, timeoutMs) => kafka.initProducerId(own(id), timeoutMs),
        addPartitionsToTxn: (producer, ...rest) =>
          kafka.addPartitionsToTxn(disguised(producer), ...rest),
        produce: (producer, ...rest) => kafka.produce(disguised(producer), ...rest),
        sendOffsetsToTxn: (producer, ...rest) =>
          kafka.sendOffsetsToTxn(disguised(producer), ...rest),
        endTxn: (producer, outcome) => kafka.endTxn(disguised(producer), outcome),
      });
    },
  },

  'records whose answer is lost are written again under new sequence numbers': {
    kafka(kafka) {
      const skipped = new Map<string, number>();
      const nameOf = (producer: Producer, { topic, partition }: TopicPartition) =>
        `${producer.producerId}/${producer.epoch} ${topic}-${partition}`;
      return overriding(kafka, {
        async produce(producer, leader, batches) {
          const shifted = () =>
            batches.map((batch) => ({
              ...batch,
              baseSequence: batch.baseSequence + (skipped.get(nameOf(producer, batch)) ?? 0),
            }));
          try {
            return await kafka.produce(producer, leader, shifted());
          } catch (error) {
            if (!isNetwork(error)) throw error;
            for (const batch of batches) {
              const name = nameOf(producer, batch);
              skipped.set(name, (skipped.get(name) ?? 0) + batch.records.length);
            }
            return kafka.produce(producer, leader, shifted());
          }
        },
      });
    },
  },

  'a commit without an answer is taken for one that has happened': {
    kafka: (kafka) =>
      overriding(kafka, {
        async endTxn(producer, outcome) {
          await kafka.endTxn(producer, outcome).catch((error: unknown) => {
            if (!isNetwork(error)) throw error;
          });
        },
      }),
  },

  'the end of each answer is taken for the end of the partition': {
    kafka: (kafka) =>
      overriding(kafka, {
        async fetch(leader, positions, maxWaitMs) {
          const answers = await kafka.fetch(leader, positions, maxWaitMs);
          return answers.map((answer) => ({ ...answer, lastStableOffset: answer.nextOffset }));
        },
      }),
  },

  'event time is not committed with the offsets': {
    kafka: (kafka) =>
      overriding(kafka, {
        sendOffsetsToTxn: (producer, groupId, offsets) =>
          kafka.sendOffsetsToTxn(
            producer,
            groupId,
            offsets.map((offset) => ({ ...offset, metadata: null })),
          ),
      }),
  },

  'changelogs are read without their last record': {
    kafka: (kafka) =>
      overriding(kafka, {
        async listOffsets(partitions, at) {
          const offsets = await kafka.listOffsets(partitions, at);
          // The commit's marker is behind the last record.
          return at === 'latest' ? offsets.map((offset) => Math.max(0, offset - 2)) : offsets;
        },
      }),
  },

  'the checkpoint is written before the state that it speaks of': {
    backend: (backend) => ({
      ...bound(backend),
      batch() {
        const meta = backend.batch();
        const state = backend.batch();
        const of = (column: string) => (column === META_COLUMN ? meta : state);
        return {
          put: (column, key, value) => of(column).put(column, key, value),
          delete: (column, key) => of(column).delete(column, key),
          write: () => {
            meta.write();
            state.write();
          },
        };
      },
    }),
  },

  'timers are not kept': {
    backend: (backend) => ({
      ...bound(backend),
      batch() {
        const batch = backend.batch();
        return {
          put: (column, key, value) => {
            if (!column.startsWith('timers-')) batch.put(column, key, value);
          },
          delete: (column, key) => batch.delete(column, key),
          write: () => batch.write(),
        };
      },
    }),
  },
};

function bound(backend: StateBackend): StateBackend {
  return {
    getMany: (column, keys) => backend.getMany(column, keys),
    scan: (column, from, limit) => backend.scan(column, from, limit),
    batch: () => backend.batch(),
    clear: (column) => {
      backend.clear(column);
    },
    sizeBytes: () => backend.sizeBytes(),
    close: () => backend.close(),
  };
}

function isNetwork(error: unknown): boolean {
  return error instanceof KafkaError && error.type === 'NETWORK';
}

function taskOf(transactionalId: string): number {
  return Number(transactionalId.split('_').at(-1));
}
