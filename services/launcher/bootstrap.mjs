#!/usr/bin/env node
/**
 * The entry of every npm script: makes a bare clone ready, then runs the command on the Node.js that
 * the project runs on. See `HELP`.
 */
import path from 'node:path';
import { ROOT, ensure, fail, run } from './bootstrap-lib.mjs';
import { HELP, parseCommand } from './bootstrap/commands.mjs';

async function main() {
  const command = parseCommand(process.argv.slice(2));
  if (command.help) return void console.log(HELP);
  if (command.fault) {
    console.error(`kafka-alert: ${command.fault}\n\n${HELP}`);
    process.exit(2);
  }
  const node = await ensure();
  process.chdir(ROOT);
  for (const [file, ...args] of command.steps) {
    const code = await run(node, [path.join(ROOT, file), ...args]);
    if (code !== 0) process.exit(code);
  }
}

main().catch(fail);
