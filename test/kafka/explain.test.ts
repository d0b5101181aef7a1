import { expect, test } from 'vitest';
import { fromJson, type AvroTopic } from '#schemas';
import type { OrderReport } from '#topology/kafka-alert';
import { main } from '../../services/kafka-alert/cli/main.ts';
import { fakeIo } from '../../services/kafka-alert/cli/testing/fake-io.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { loadVector, type Vector } from '../support/vectors.ts';

const RETENTION_MS = 7 * 24 * 3_600_000;

test('an order is explained by its owner, and from the topics alone the same way, also when it is forgotten', async () => {
  await using kafka = await TestKafka.open(2);
  await using state = await temporaryFolder();
  // Some of long ago, which the service forgets, and some of today, which it keeps; one after another, so that none is late.
  const start = (i: number) => Date.now() - (10 - 2 * i) * 3_600_000;
  const names = ['suppress-bounds', 'c-expired', 'b-late-failure', 'resolved-then-raised-again'];
  const recent = names.map((name, i) => moved(loadVector(name), `${name}-new`, start(i)));
  const old = names.map((name, i) =>
    moved(loadVector(name), `${name}-old`, start(i) - 2 * RETENTION_MS),
  );
  for (const vector of [...old, ...recent]) await write(kafka, vector);

  await using service = await ServiceProcess.start({ ...kafka.env, STATE_DIR: state.path });
  const alerts = [...old, ...recent].reduce((sum, each) => sum + each.alerts.length, 0);
  await eventually('the alerts', async () => {
    if (service.hasEnded) throw new Error(service.log);
    return (await kafka.readAll(kafka.topics.alertRaised.name)).length === alerts;
  });

  const explained = async (...args: string[]) => {
    const io = fakeIo({ env: kafka.env, now: Date.now });
    const code = await main(['explain', ...args, '--json'], io);
    return { code, err: io.written.err, report: code === 0 ? parsed(io.written.out) : undefined };
  };
  const url = ['--url', `http://${service.address}`];
  for (const { name, events, alerts } of recent) {
    const live = await explained(events[0]!.key, ...url);
    expect(live.err, name).toBe('');
    const read = await explained(events[0]!.key, '--from-topics');
    expect(read.report!.timelines).toEqual(live.report!.timelines);
    expect(read.report!.timelines[0]!.alerts).toHaveLength(alerts.length);
  }
  for (const { events, alerts } of old) {
    const orderNo = events[0]!.key;
    await eventually(
      'it to be forgotten',
      async () => (await explained(orderNo, ...url)).code === 1,
    );
    const read = await explained(orderNo, '--from-topics');
    expect(read.report!.timelines).toHaveLength(1);
    expect(read.report!.timelines[0]!.alerts).toHaveLength(alerts.length);
    expect(read.report!.nextCheckAt).toBe(null);
  }
  expect(await explained('ORD-NEVER', '--from-topics')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no record of order ORD-NEVER') as string,
  });
});

function parsed(out: string): OrderReport {
  return JSON.parse(out) as OrderReport;
}

/** Another order at another time: a vector begins at noon of 2024-02-01. */
function moved(vector: Vector, orderNo: string, start: number): Vector {
  const by = start - Date.parse('2024-02-01T12:00:00.000Z');
  const text = JSON.stringify(vector)
    .replaceAll(/ORD-\d+-\d+/g, orderNo)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
      new Date(Date.parse(time) + by).toISOString(),
    );
  return JSON.parse(text) as Vector;
}

async function write(kafka: TestKafka, { events }: Vector): Promise<void> {
  const inputs = [kafka.topics.orderStatusChanged, kafka.topics.paymentStatusObserved];
  await kafka.write(
    events.map(({ topic, key, value }) => {
      const input = inputs.find(({ name }) => name.endsWith(topic)) as AvroTopic<unknown>;
      return { topic: input, key, value: fromJson(input, value) };
    }),
  );
}
