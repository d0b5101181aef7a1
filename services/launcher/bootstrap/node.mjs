import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { cached } from './cache.mjs';
import { npm } from './npm.mjs';

/** The Node.js major version that the project runs on. */
export const NODE_MAJOR = 24;

/** Whether a version such as `24.1.0` is new enough. */
export function isNewEnough(version) {
  return Number(version.split('.')[0]) >= NODE_MAJOR;
}

/**
 * The path of a Node.js that is new enough: the one that runs this, or else one from npm, which is
 * kept in the cache.
 */
export async function ensureNode(report) {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const name = `node-${NODE_MAJOR}-${process.platform}-${process.arch}`;
  const folder = await cached(name, async (partial) => {
    report(`Getting Node.js ${NODE_MAJOR} from npm (this one is ${process.versions.node}) …`);
    install(partial);
  });
  return path.join(folder, 'bin', 'node');
}

/**
 * The package `node` only chooses a package for the platform, and does so in an install script, which
 * `ignore-scripts` keeps from running (silently: one ends up on the old Node). So that package is
 * asked for by its name.
 */
function install(folder) {
  const name = `node-${process.platform}-${process.arch}`;
  npm(
    [
      'install',
      '--prefix',
      folder,
      '--no-package-lock',
      '--ignore-scripts',
      `${name}@${NODE_MAJOR}`,
    ],
    {
      cwd: folder,
      hint: `Or install Node.js ${NODE_MAJOR} or later yourself, put it on the PATH and try again.`,
    },
  );
  const bin = path.join(folder, 'node_modules', name, 'bin');
  if (!existsSync(path.join(bin, 'node'))) throw new Error(`npm's ${name} has no bin/node in it.`);
  renameSync(bin, path.join(folder, 'bin'));
}
