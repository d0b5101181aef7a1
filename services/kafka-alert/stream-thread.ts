/** What runs in each stream thread of kafka-alert: a worker of `ThreadedStreams`. */
import { hostedThread } from '#kit';
import { alertHost } from './host.ts';

export default hostedThread(alertHost);
