/** What runs in each stream thread: a worker of `ThreadedStreams`. */
import { hostedThread } from '#kit';
import { sloHost } from './host.ts';

export default hostedThread(sloHost);
