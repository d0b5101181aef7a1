import { toJson, type AlertRaised, type AlertResolved, type AvroTopic } from '#schemas';
import { TopologyTestDriver } from '#streams';
import { defaultAlertSettings, kafkaAlert, type AlertSettings } from '#topology/kafka-alert';
import type { TestKafka, TestRecord, TestTopics } from './kafka.ts';
import type { TrafficRecord } from './traffic.ts';

/** Alerts and resolutions as sorted JSON lines, so that two runs can be compared. */
export interface Outcome {
  readonly alerts: readonly string[];
  readonly resolved: readonly string[];
}

/** What comes of the traffic when nothing disturbs the run: the topology in the test driver. */
export function undisturbedOutcome(
  records: Iterable<TrafficRecord>,
  topics: TestTopics,
  { graceMs }: Pick<AlertSettings, 'graceMs'> = defaultAlertSettings,
): Outcome {
  const topology = kafkaAlert({ ...defaultAlertSettings, graceMs, topics });
  const driver = new TopologyTestDriver(topology, { autoCommit: false });
  for (const { kind, value } of records) {
    if (kind === 'order') driver.pipe(topics.orderStatusChanged, value);
    else driver.pipe(topics.paymentStatusObserved, value);
  }
  driver.advanceWatermarkTo(Infinity);
  driver.commit();
  const values = <V>(topic: AvroTopic<V>) => driver.read(topic).map(({ value }) => value);
  return {
    alerts: lines(topics.alertRaised, values(topics.alertRaised)),
    resolved: lines(topics.alertResolved, values(topics.alertResolved)),
  };
}

/** What is committed on the topics. */
export async function committedOutcome(kafka: TestKafka): Promise<Outcome> {
  const { alertRaised, alertResolved } = kafka.topics;
  return {
    alerts: lines(alertRaised, await kafka.readValues(alertRaised)),
    resolved: lines(alertResolved, await kafka.readValues(alertResolved)),
  };
}

/** The traffic as records to be written. */
export function inputRecords(records: readonly TrafficRecord[], topics: TestTopics): TestRecord[] {
  return records.map(({ kind, value }) => ({
    topic: kind === 'order' ? topics.orderStatusChanged : topics.paymentStatusObserved,
    key: value.orderNo,
    value,
  }));
}

function lines<V extends AlertRaised | AlertResolved>(
  topic: AvroTopic<V>,
  values: readonly V[],
): string[] {
  return values.map((value) => JSON.stringify(toJson(topic, value))).sort();
}
