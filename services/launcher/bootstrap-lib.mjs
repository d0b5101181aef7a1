/**
 * What must work on a bare clone: any Node.js from 20 on, no node_modules. Plain JavaScript without
 * dependencies, all of it under `bootstrap/`.
 */
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './bootstrap/dependencies.mjs';
import { ensureNode, isNewEnough } from './bootstrap/node.mjs';
import { ROOT } from './bootstrap/root.mjs';
import { run } from './bootstrap/run.mjs';

export { ROOT } from './bootstrap/root.mjs';
export { run } from './bootstrap/run.mjs';

const OLDEST = 20;

/**
 * Makes the project ready to run: its dependencies, and a Node.js that is new enough. Answers that
 * Node's path. Progress is reported by the line, to stderr unless said otherwise.
 */
export async function ensure(report = (line) => console.error(line)) {
  if (Number(process.versions.node.split('.')[0]) < OLDEST) {
    throw new Error(`Node.js ${process.versions.node} is too old: ${OLDEST} or later is needed.`);
  }
  await ensureDependencies(ROOT, report);
  return ensureNode(report);
}

/**
 * Runs a TypeScript file on a Node.js that is new enough, with the arguments: in this very process
 * when it is that new, else in one that takes its place. Its exit code becomes this process's.
 */
export async function runOnNode24(file, args) {
  const node = await ensure();
  if (!isNewEnough(process.versions.node)) process.exit(await run(node, [file, ...args]));
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

/** Ends the process with the error's words, without a stack: they say what to do. */
export function fail(error) {
  console.error(`kafka-alert: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
