import type { Component } from '../types.ts';
import { MissingTools } from '../errors.ts';
import { canInstall, installPackages } from './apt.ts';
import { isCached } from './maven.ts';
import { chooseJdk, findJdks, type Jdk, type JdkRange } from './jdk.ts';
import { findProgram } from './programs.ts';
import { canEnter, runAs } from './run-as.ts';

/** What the components need of the machine, found or `undefined` where no component asked for it. */
export interface Tools {
  kafkaJdk: Jdk;
  registryJdk: Jdk;
  elasticsearchJdk: Jdk;
  maven: string;
  mariadbd: string;
  mariadbInstallDb: string;
  redisServer: string;
}

/** One thing that is looked for, and what installs it. */
interface Need {
  tool: keyof Tools;
  what: string;
  for: readonly Component[];
  find(): Jdk | string | undefined;
  /** Debian's and Ubuntu's packages, the first that there is will do. */
  packages: readonly string[];
  /** What to do elsewhere. */
  advice: string;
}

const JDK_ADVICE = 'from any vendor; one that is not found by itself is found through JAVA_HOME';

const NEEDS: readonly Need[] = [
  jdkNeed('kafkaJdk', 'kafka', { oldest: 17, newest: 25 }),
  jdkNeed('registryJdk', 'registry', { oldest: 21, newest: 25 }),
  jdkNeed('elasticsearchJdk', 'elasticsearch', { oldest: 17, newest: 25 }),
  {
    tool: 'maven',
    what: 'Maven (mvn), which downloads the components',
    for: ['kafka', 'registry', 'elasticsearch'],
    find: () => findProgram(['mvn']),
    packages: ['maven'],
    advice: 'install Apache Maven 3.6 or later and put mvn on the PATH (macOS: brew install maven)',
  },
  {
    tool: 'mariadbd',
    what: 'MariaDB (mariadbd)',
    for: ['mysql'],
    find: () => findProgram(['mariadbd']),
    // The core package is the server without a service that would start and take the standard port.
    packages: ['mariadb-server-core', 'mariadb-server-core-10.6', 'mariadb-server'],
    advice: 'install MariaDB 10.5 or later (macOS: brew install mariadb)',
  },
  {
    tool: 'mariadbInstallDb',
    what: 'MariaDB (mariadb-install-db)',
    for: ['mysql'],
    find: () => findProgram(['mariadb-install-db']),
    packages: ['mariadb-server-core', 'mariadb-server-core-10.6', 'mariadb-server'],
    advice: 'install MariaDB 10.5 or later (macOS: brew install mariadb)',
  },
  {
    tool: 'redisServer',
    what: 'Redis (redis-server)',
    for: ['redis'],
    find: () => findProgram(['redis-server', 'valkey-server']),
    packages: ['redis-server', 'valkey-server'],
    advice: 'install Redis 6 or later (macOS: brew install redis)',
  },
];

/**
 * Finds what the components need; installs what is missing when the launcher may (as root on Debian
 * or Ubuntu).
 *
 * @throws {MissingTools} naming each missing thing and what installs it
 */
export async function findTools(
  components: readonly Component[],
  note: (detail: string) => void,
): Promise<Tools> {
  const needs = NEEDS.filter((need) => components.some((component) => isNeeded(need, component)));
  let missing = needs.filter((need) => need.find() === undefined);
  if (missing.length > 0 && canInstall()) {
    await installPackages(
      missing.map((need) => need.packages),
      note,
    );
    missing = missing.filter((need) => need.find() === undefined);
  }
  if (missing.length > 0) throw new MissingTools(missing.map(describeMissing));
  return Object.fromEntries(needs.map((need) => [need.tool, need.find()])) as unknown as Tools;
}

function isNeeded(need: Need, component: Component): boolean {
  if (!need.for.includes(component)) return false;
  // What has been downloaded once does without the downloader.
  return need.tool !== 'maven' || !isCached(component);
}

/** What is missing, and the command that installs it: `Redis (redis-server): sudo apt-get …`. */
export function describeMissing(need: Pick<Need, 'what' | 'packages' | 'advice'>): string {
  const apt = findProgram(['apt-get']) ? `sudo apt-get install ${need.packages[0] ?? ''}; or ` : '';
  return `${need.what}: ${apt}${need.advice}`;
}

function jdkNeed(tool: keyof Tools, component: Component, range: JdkRange): Need {
  return {
    tool,
    what: `a JDK (or JRE) ${range.oldest} or later, for ${component}`,
    for: [component],
    find: () => chooseJdk(usableJdks(component), range),
    packages: [
      'openjdk-25-jre-headless',
      'openjdk-21-jre-headless',
      'openjdk-17-jre-headless',
    ].filter((name) => Number(/\d+/.exec(name)?.[0]) >= range.oldest),
    advice: JDK_ADVICE,
  };
}

/** Elasticsearch runs as another user when the launcher is root: one's private JDK is no use to it. */
function usableJdks(component: Component): Jdk[] {
  const user = component === 'elasticsearch' ? runAs() : undefined;
  return findJdks().filter((jdk) => user === undefined || canEnter(jdk.home));
}
