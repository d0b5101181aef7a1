import type { Settings } from '#kit';
import { renamed, topics } from '#schemas';

/** What the service writes, under the names that the settings give. */
export function alertTopics({ alertTopic, resolvedTopic }: Settings) {
  return {
    alertRaised: renamed(topics.alertRaised, alertTopic),
    alertResolved: renamed(topics.alertResolved, resolvedTopic),
  };
}
