import { expect, test } from 'vitest';
import { fromJson, toJson, type AlertRaised, type AlertResolved, type AvroTopic } from '#schemas';
import { KafkaStreams } from '#streams';
import { alertId } from '../../topology/kafka-alert/alert-id.ts';
import type { RuleId } from '../../topology/kafka-alert/timeline.ts';
import { kafkaAlert, defaultAlertSettings } from '#topology/kafka-alert';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { loadVector, vectorNames, type Vector } from '../support/vectors.ts';

const DAY_MS = 24 * 3600 * 1000;

// The late-* cases depend on the order in which the two topics are read.
const vectors = vectorNames.filter((name) => !name.startsWith('late-')).map(loadVector);
const groups = Map.groupBy(vectors, (vector) => JSON.stringify(vector.options));

/**
 * Each case as if it were alone: its orders have names of their own, and it happens on a day of its own, so that
 * no record is late because another case has moved the watermark.
 */
function apart(vector: Vector, day: number): Vector {
  const text = JSON.stringify(vector)
    .replaceAll(/ORD-\d+-\d+/g, (orderNo) => `${vector.name}/${orderNo}`)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => shifted(time, day))
    .replaceAll(/ORDER-PAID@(\d+)/g, (_, ms) => `ORDER-PAID@${Number(ms) + day * DAY_MS}`);
  const moved = JSON.parse(text) as Vector;
  const renamedAlert = (line: string) => {
    const alert = JSON.parse(line) as AlertRaised;
    return JSON.stringify({
      ...alert,
      alertId: alertId(alert.orderNo, alert.ruleId as RuleId, alert.eventId),
    });
  };
  return {
    ...moved,
    alerts: moved.alerts.map(renamedAlert),
    resolved: moved.resolved.map(renamedAlert),
  };
}

function shifted(time: string, days: number): string {
  return new Date(Date.parse(time) + days * DAY_MS).toISOString();
}

test.each([...groups.keys()])(
  'every case written before the start, settings %s',
  async (options) => {
    await using kafka = await TestKafka.open();
    await using state = await temporaryFolder();
    const cases = groups.get(options)!.map((vector, i) => apart(vector, i));
    const inputs = [kafka.topics.orderStatusChanged, kafka.topics.paymentStatusObserved];
    await kafka.write(
      cases.flatMap(({ events }) =>
        events.map(({ topic, key, value }) => {
          const input = inputs.find((t) => t.name.endsWith(topic)) as AvroTopic<unknown>;
          return { topic: input, key, value: fromJson(input, value) };
        }),
      ),
    );

    const settings = { ...defaultAlertSettings, ...(JSON.parse(options) as object) };
    const app = new KafkaStreams(kafkaAlert({ ...settings, topics: kafka.topics }), {
      applicationId: kafka.name,
      kafka: { brokers: kafka.env.KAFKA_BROKERS!.split(',') },
      stateDir: state.path,
      serde: (topic) => kafka.registry.serde(topic as AvroTopic<unknown>),
    });
    app.start();

    const alerts = cases.flatMap((c) => c.alerts);
    const resolved = cases.flatMap((c) => c.resolved);
    await eventually('all alerts and resolutions', async () => {
      if (app.error) throw app.error;
      const raised = await kafka.readAll(kafka.topics.alertRaised.name);
      const closed = await kafka.readAll(kafka.topics.alertResolved.name);
      return raised.length >= alerts.length && closed.length >= resolved.length;
    });
    await app.close();

    expect(await lines(kafka, kafka.topics.alertRaised)).toEqual([...alerts].sort());
    expect(await lines(kafka, kafka.topics.alertResolved)).toEqual([...resolved].sort());
  },
);

async function lines<V extends AlertRaised | AlertResolved>(
  kafka: TestKafka,
  topic: AvroTopic<V>,
): Promise<string[]> {
  const values = await kafka.readValues(topic);
  return values.map((value) => JSON.stringify(toJson(topic, value))).sort();
}
