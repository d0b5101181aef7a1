import { expect, test } from 'vitest';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { MemoryBackend } from '../state/memory-backend.ts';
import { rawPing } from '../testing/tasks.ts';
import { pingTopic } from '../testing/topics.ts';
import { ActiveTask } from './active-task.ts';
import { BrokerRefusals } from './broker-refusals.ts';
import { Listeners } from './listeners.ts';
import { silentLogger } from './logger.ts';
import { Restores } from './restores.ts';
import { resolveConfig } from './settings.ts';
import { LeapingClock } from './testing/clocks.ts';
import { answer, stubKafka } from './testing/stub-kafka.ts';

test('counts the time that processing and commits take', async () => {
  const clock = new LeapingClock();
  const builder = new StreamsBuilder('slow');
  builder
    .stream(pingTopic('pings'))
    .peek(() => clock.pass(3))
    .to(pingTopic('copies'));
  const kafka = stubKafka({
    initProducerId: () => answer(() => ({ producerId: 1n, epoch: 0 })),
    committedOffsets: () => answer(() => [undefined]),
    listOffsets: () => answer(() => [0]),
    leader: () => answer(() => 1),
    addPartitionsToTxn: () => answer(() => undefined),
    produce: () => answer(() => [0]),
    sendOffsetsToTxn: () => answer(() => clock.pass(10)),
    endTxn: () => answer(() => clock.pass(30)),
  });
  const config = resolveConfig({ applicationId: 'app', kafka, clock, stateDir: '' });
  const active = await ActiveTask.open(
    {
      topology: builder.build().subTopologies[0]!,
      config,
      kafka,
      topics: { tasks: [1], partitionCounts: new Map([['copies', 1]]) },
      openBackend: () => Promise.resolve(new MemoryBackend()),
      restores: new Restores(config),
      standbyUpdates: new Listeners(silentLogger),
      partition: 0,
      refusals: new BrokerRefusals({ ...config, kafka }),
      member: () => undefined,
    },
    new AbortController().signal,
  );
  const pings = [1, 2, 3, 4].map((offset) => rawPing(offset, { id: 'a', at: offset }));
  active.task.addRecords('pings', pings, 5, clock.now());
  active.process(100, clock.now());
  expect(active.processMs).toBe(12);
  await active.maybeCommit(clock.now());
  expect(active.commitMs).toBe(40);
  // Nothing to do costs nothing.
  active.process(100, clock.now());
  await active.maybeCommit(clock.now());
  expect([active.processMs, active.commitMs]).toEqual([12, 40]);
});
