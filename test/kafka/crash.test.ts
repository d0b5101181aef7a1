import { expect, test } from 'vitest';
import { TopologyTestDriver } from '#streams';
import { defaultAlertSettings, kafkaAlert } from '#topology/kafka-alert';
import { toJson, type AlertRaised, type AlertResolved, type AvroTopic } from '#schemas';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventually, TestKafka, type TestTopics } from '../support/kafka.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { traffic, type Traffic } from '../support/traffic.ts';

const ORDERS = 4000;

test('kill -9 in the middle of the records: the alerts are those of an undisturbed run', async () => {
  await using kafka = await TestKafka.open();
  await using state = await temporaryFolder();
  const env = { ...kafka.env, STATE_DIR: state.path, COMMIT_INTERVAL_MS: '1' };
  const records = traffic(ORDERS, 42);
  const expected = undisturbed(records, kafka.topics);
  await kafka.write(
    records.records.map(({ kind, value }) => ({
      topic:
        kind === 'order' ? kafka.topics.orderStatusChanged : kafka.topics.paymentStatusObserved,
      key: value.orderNo,
      value,
    })),
  );

  // Killed as soon as it has committed a further share, then started again over what is left on the disk.
  let kills = 0;
  for (const share of [0.1, 0.4, 0.7]) {
    await using service = await ServiceProcess.start(env);
    await eventually(`${share} of the records to be committed`, async () => {
      if (service.hasEnded) throw new Error(service.log);
      const { committed, end } = await kafka.progress();
      return committed >= share * end;
    });
    await service.end('SIGKILL');
    const { committed, end } = await kafka.progress();
    if (committed < end) kills++;
  }
  expect(kills).toBeGreaterThan(0);

  await using service = await ServiceProcess.start(env);
  await eventually('everything to be processed', async () => {
    if (service.hasEnded) throw new Error(service.log);
    const { committed, end } = await kafka.progress();
    const alerts = await kafka.readAll(kafka.topics.alertRaised.name);
    return committed === end && alerts.length >= expected.alerts.length;
  });
  expect(await service.end('SIGTERM')).toBe(0);

  expect(await lines(kafka, kafka.topics.alertRaised)).toEqual(expected.alerts);
  expect(await lines(kafka, kafka.topics.alertResolved)).toEqual(expected.resolved);
});

function undisturbed({ records }: Traffic, topics: TestTopics) {
  const driver = new TopologyTestDriver(kafkaAlert({ ...defaultAlertSettings, topics }));
  for (const { kind, value } of records) {
    if (kind === 'order') driver.pipe(topics.orderStatusChanged, value);
    else driver.pipe(topics.paymentStatusObserved, value);
  }
  driver.advanceWatermarkTo(Infinity);
  const of = <V>(topic: AvroTopic<V>) =>
    driver
      .read(topic)
      .map(({ value }) => JSON.stringify(toJson(topic, value)))
      .sort();
  return { alerts: of(topics.alertRaised), resolved: of(topics.alertResolved) };
}

async function lines<V extends AlertRaised | AlertResolved>(
  kafka: TestKafka,
  topic: AvroTopic<V>,
): Promise<string[]> {
  const values = await kafka.readValues(topic);
  return values.map((value) => JSON.stringify(toJson(topic, value))).sort();
}
