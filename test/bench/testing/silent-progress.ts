import { PassThrough } from 'node:stream';
import { Progress } from '../progress.ts';

export function silentProgress(): Progress {
  return new Progress(new PassThrough());
}
