import { topicsOf, type HostedTopology, type Settings } from '#kit';
import { renamed, topics } from '#schemas';
import { kafkaAlert } from '#topology/kafka-alert';

/** kafka-alert over the topics that the settings name. */
export function alertHost(settings: Settings): HostedTopology {
  const { graceMs, retentionMs, unknownOrder, applicationId, allowedLatenessMs } = settings;
  const topology = kafkaAlert({
    graceMs,
    retentionMs,
    unknownOrder,
    topics: {
      orderStatusChanged: renamed(topics.orderStatusChanged, settings.orderTopic),
      paymentStatusObserved: renamed(topics.paymentStatusObserved, settings.paymentTopic),
      alertRaised: renamed(topics.alertRaised, settings.alertTopic),
      alertResolved: renamed(topics.alertResolved, settings.resolvedTopic),
    },
  });
  const all = topicsOf(settings);
  const outputs = [settings.alertTopic, settings.resolvedTopic];
  const written = all.filter(({ name }) => outputs.includes(name));
  return { name: 'kafka-alert', topology, topics: all, written, applicationId, allowedLatenessMs };
}
