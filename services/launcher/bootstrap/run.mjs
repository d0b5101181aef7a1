import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { watchNpm } from './npm-watch.mjs';
import { ROOT } from './root.mjs';

const PARENT_WATCH = pathToFileURL(
  path.join(ROOT, 'services/launcher/bootstrap/parent-watch.mjs'),
).href;
const PASSED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs `node ...args` in this process's place, as far as a process can: the same stdin, stdout and
 * stderr, and signals passed on. Answers its exit code; 128 + n when signal n ended it.
 */
export async function run(node, args) {
  const child = spawn(node, ['--import', PARENT_WATCH, ...args], {
    stdio: 'inherit',
    // `node` and `npm` that the command starts are to be of this version, too.
    env: {
      ...process.env,
      PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
    },
  });
  const pass = (signal) => {
    // A terminal sends Ctrl-C to every process in the foreground: the child has it already.
    if (signal !== 'SIGINT' || !hasTerminal()) child.kill(signal);
  };
  for (const signal of PASSED) process.on(signal, pass);
  const unwatch = watchNpm(() => child.kill('SIGTERM'));
  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...end) => resolve(end));
    });
    return code ?? 128 + (constants.signals[signal] ?? 0);
  } finally {
    for (const signal of PASSED) process.off(signal, pass);
    unwatch();
  }
}

/** Whether the process is of a terminal's session: `/dev/tty` can be opened. */
function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
