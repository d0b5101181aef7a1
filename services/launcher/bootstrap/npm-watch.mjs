import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isAlive } from './lock.mjs';

/** How far above this process npm may be: a shell lies between, and another for `npm` as a script. */
const MOST_ANCESTORS = 4;

/**
 * Calls `onGone` once when the npm that started this process is gone: a `kill -9` of it reaches nobody
 * else. Does nothing when it wasn't npm. Answers a function that ends the watch.
 */
export function watchNpm(onGone) {
  if (!process.env.npm_lifecycle_event) return () => undefined;
  let timer;
  let isOver = false;
  void findNpm().then((npm) => {
    if (npm === undefined || isOver) return;
    timer = setInterval(() => {
      if (isAlive(npm)) return;
      clearInterval(timer);
      onGone();
    }, 500).unref();
  });
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

async function findNpm() {
  let pid = process.ppid;
  for (let above = 1; above <= MOST_ANCESTORS && pid > 1; above++) {
    const ancestor = await describe(pid);
    if (!ancestor) return undefined;
    // Named `npm start`, or `node …/npm-cli.js start`.
    if (/(^|\/)npm( |-cli\.js)/.test(ancestor.command)) return pid;
    pid = ancestor.ppid;
  }
  return undefined;
}

async function describe(pid) {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,args=', '-p', String(pid)]);
    const [, ppid, command] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { ppid: Number(ppid), command };
  } catch {
    return undefined;
  }
}
