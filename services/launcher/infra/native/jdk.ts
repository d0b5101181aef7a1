import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

export interface Jdk {
  /** The folder that has `bin/java` in it. */
  home: string;
  /** Such as 17 or 25. */
  major: number;
}

/** Which JDKs a component runs on; `newest` is the last that it has been tried with. */
export interface JdkRange {
  oldest: number;
  newest: number;
}

/** Every JDK or JRE on this machine: JAVA_HOME, `java` on the PATH, and the usual folders. */
export function findJdks(env: NodeJS.ProcessEnv = process.env): Jdk[] {
  const homes = new Set<string>();
  for (const candidate of candidates(env)) {
    if (existsSync(path.join(candidate, 'bin/java'))) homes.add(realpathSync(candidate));
  }
  return [...homes].flatMap((home) => {
    const major = majorOf(home);
    return major === undefined ? [] : [{ home, major }];
  });
}

/** The newest one in the range; else the oldest above it, which will do more often than not. */
export function chooseJdk(jdks: readonly Jdk[], range: JdkRange): Jdk | undefined {
  const sorted = jdks
    .filter(({ major }) => major >= range.oldest)
    .sort((a, b) => a.major - b.major);
  return sorted.findLast(({ major }) => major <= range.newest) ?? sorted[0];
}

/** The major version in the words of a JDK's `release` file: `1.8.0_402` is 8, `25.0.1` is 25. */
export function parseMajor(release: string): number | undefined {
  const version = /^JAVA_VERSION="([^"]+)"/m.exec(release)?.[1];
  const [first, second] = (version ?? '').split(/[._+-]/).map(Number);
  const major = first === 1 ? second : first;
  return major !== undefined && Number.isInteger(major) && major > 0 ? major : undefined;
}

function majorOf(home: string): number | undefined {
  const release = path.join(home, 'release');
  return existsSync(release) ? parseMajor(readFileSync(release, 'utf8')) : undefined;
}

function candidates(env: NodeJS.ProcessEnv): string[] {
  const onPath = (env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'java'))
    .filter((java) => existsSync(java))
    .map((java) => path.resolve(realpathSync(java), '../..'));
  return [
    ...(env['JAVA_HOME'] ? [env['JAVA_HOME']] : []),
    ...onPath,
    ...foldersIn('/usr/lib/jvm'),
    ...foldersIn('/opt'),
    ...foldersIn(path.join(homedir(), '.sdkman/candidates/java')),
    ...foldersIn(path.join(homedir(), '.jdks')),
    ...foldersIn('/Library/Java/JavaVirtualMachines').map((each) =>
      path.join(each, 'Contents/Home'),
    ),
    ...foldersIn('/opt/homebrew/opt').map((each) =>
      path.join(each, 'libexec/openjdk.jdk/Contents/Home'),
    ),
  ];
}

function foldersIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
}
