/** What runs in each stream thread: a worker of `ThreadedStreams`. */
import { hostedThread } from '#kit';
import { storageHost } from './host.ts';

export default hostedThread(storageHost);
