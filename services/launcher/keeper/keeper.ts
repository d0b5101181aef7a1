/**
 * The process that starts, and outlives, what the launcher runs.
 *
 * A `kill -9` gives the launcher no time to clean up, so its children are the keeper's, which hears
 * of the launcher's end by their channel closing, however that end came. It is in a session of its
 * own: a terminal's Ctrl-C and hang-up don't reach it.
 *
 * K1 nothing it started is alive when it ends: every process group is signalled, waited for, killed;
 * K2 a leader's end ends its group: what it left behind is killed at once.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { Launch, Notice, Order } from './messages.ts';

/** How long what is running may take to stop by itself once the launcher is gone. */
const PATIENCE_MS = 4000;

const children = new Map<number, ChildProcess>();
const pathsToRemove: string[] = [];
const commandsAtEnd: { file: string; args: readonly string[] }[] = [];
let ending = false;

function start(id: number, launch: Launch): void {
  try {
    const log = openSync(launch.logFile, 'a');
    const child = spawn(launch.file, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...(launch.uid === undefined ? {} : { uid: launch.uid }),
      ...(launch.gid === undefined ? {} : { gid: launch.gid }),
    });
    closeSync(log);
    child.once('error', (error) => tell({ type: 'failed', id, message: error.message }));
    if (child.pid === undefined) return;
    children.set(id, child);
    child.once('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL');
      children.delete(id);
      tell({ type: 'exited', id, code, signal });
    });
    tell({ type: 'spawned', id, pid: child.pid });
  } catch (error) {
    tell({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group is gone already.
  }
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  const left = [...children.values()];
  const allGone = Promise.all(left.map((child) => once(child, 'exit')));
  for (const child of left) signalGroup(child, 'SIGTERM');
  const force = setTimeout(() => {
    for (const child of left) signalGroup(child, 'SIGKILL');
  }, PATIENCE_MS);
  await allGone;
  clearTimeout(force);
  for (const { file, args } of commandsAtEnd) spawnSync(file, args, { stdio: 'ignore' });
  for (const path of pathsToRemove) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  process.exit(0);
}

function tell(notice: Notice): void {
  if (process.connected) process.send?.(notice);
}

process.on('message', (order: Order) => {
  switch (order.type) {
    case 'spawn':
      if (!ending) start(order.id, order.launch);
      break;
    case 'signal': {
      const child = children.get(order.id);
      if (child) signalGroup(child, order.signal);
      break;
    }
    case 'remove-at-end':
      pathsToRemove.push(order.path);
      break;
    case 'run-at-end':
      commandsAtEnd.push(order);
      break;
    case 'end':
      void end();
  }
});
process.on('disconnect', () => void end());
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
