import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { npm } from './npm.mjs';

/** The lock file's hash, kept in node_modules: while it is the same, nothing is to be installed. */
const STAMP = '.kafka-alert-lock-sha256';

/** Installs what package-lock.json names unless it is there already. */
export async function ensureDependencies(root, report) {
  if (areInstalled(root)) return;
  await withLock(path.join(root, '.local', 'npm-install.lock'), async () => {
    if (areInstalled(root)) return;
    report('Installing dependencies from package-lock.json …');
    npm(['ci', '--ignore-scripts'], {
      cwd: root,
      hint: 'If the lock file does not fit package.json, run `npm install` and try again.',
    });
    stamp(root);
  });
}

/** Whether node_modules holds what the lock file names. */
export function areInstalled(root) {
  const modules = path.join(root, 'node_modules');
  if (!existsSync(modules)) return false;
  const lockText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const stampFile = path.join(modules, STAMP);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash(lockText)) {
    linkBin(root);
    return true;
  }
  // Somebody ran npm himself: npm's own record in node_modules tells what it put there.
  const record = path.join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  if (!isSatisfied(JSON.parse(lockText).packages, installed)) return false;
  stamp(root);
  return true;
}

/**
 * Whether `installed` holds every package of `locked`, in the same version. Optional ones may be
 * missing: they are for other platforms. Both are the `packages` of a lock file.
 */
export function isSatisfied(locked, installed) {
  return Object.entries(locked).every(([name, wanted]) => {
    if (name === '' || wanted.link) return true;
    const found = installed[name];
    if (!found) return wanted.optional === true || wanted.devOptional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function stamp(root) {
  const lockText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  writeFileSync(path.join(root, 'node_modules', STAMP), hash(lockText));
  linkBin(root);
}

/** Lets `npx kafka-alert` find the project's own command without asking npm to install anything. */
function linkBin(root) {
  const folder = path.join(root, 'node_modules', '.bin');
  const link = path.join(folder, 'kafka-alert');
  if (existsSync(link)) return;
  try {
    mkdirSync(folder, { recursive: true });
    symlinkSync('../../services/kafka-alert/bin.mjs', link);
  } catch {
    // A second launcher was quicker, or the disk is read-only: npx then goes its slower way.
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}
