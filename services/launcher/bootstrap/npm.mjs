import { spawnSync } from 'node:child_process';

/**
 * Runs npm to its end and throws an error that says what to do when it fails. What it prints goes to
 * stderr: stdout belongs to the command that was asked for.
 */
export function npm(args, { cwd, hint }) {
  // Under `npm start` this names the very npm that runs us; elsewhere the one on the PATH.
  const cli = process.env.npm_execpath;
  const [file, first] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []];
  const result = spawnSync(
    file,
    [...first, ...args, '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd,
      stdio: ['ignore', 2, 2],
      env: withoutNpmSettings(process.env),
    },
  );
  if (result.error?.code === 'ENOENT') {
    throw new Error('npm is not on the PATH; it comes with Node.js: install both, then try again.');
  }
  if (result.error) throw result.error;
  if (result.status !== 0) {
    const end = result.signal
      ? `was ended by ${result.signal}`
      : `failed with code ${result.status}`;
    throw new Error(`npm ${args.join(' ')} ${end} in ${cwd} (its words are above). ${hint}`);
  }
}

/** An npm that is started by npm inherits the outer one's settings as variables, prefix included. */
function withoutNpmSettings(env) {
  const own = (name) => /^npm_(config_(local_)?prefix|package_|lifecycle_|command)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own(name)));
}
