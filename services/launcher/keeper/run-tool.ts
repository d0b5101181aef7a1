import { statSync } from 'node:fs';
import { describeExit } from '../infra/errors.ts';
import { lastLines } from '../infra/log-tail.ts';
import type { Keeper } from './keeper-client.ts';
import type { Launch } from './messages.ts';

const POLL_MS = 200;

/**
 * Runs a program to its end, under the keeper: nothing of it survives a crash of the launcher, either.
 * `onLine` gets the log's last line whenever the log has grown.
 *
 * @throws when it fails, with the log's last lines and the `hint`
 */
export async function runTool(
  keeper: Keeper,
  launch: Launch,
  { hint = '', onLine }: { hint?: string; onLine?: (line: string) => void } = {},
): Promise<void> {
  const kept = await keeper.spawn(launch);
  let seen = 0;
  const follow = setInterval(() => {
    const size = statSync(launch.logFile, { throwIfNoEntry: false })?.size ?? 0;
    if (size > seen) onLine?.(lastLines(launch.logFile, 1).at(-1) ?? '');
    seen = size;
  }, POLL_MS);
  const exit = await kept.exited;
  clearInterval(follow);
  if (exit.code === 0) return;
  const words = lastLines(launch.logFile).map((line) => `    ${line}`);
  throw new Error(
    [`${[launch.file, ...launch.args].join(' ')} ${describeExit(exit)}:`, ...words, hint]
      .join('\n')
      .trimEnd(),
  );
}
