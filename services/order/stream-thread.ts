/** What runs in each stream thread: a worker of `ThreadedStreams`. */
import { hostedThread } from '#kit';
import { orderHost } from './host.ts';

export default hostedThread(orderHost);
