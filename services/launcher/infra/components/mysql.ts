import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { baseEnv } from '../base-env.ts';
import { mysqlAnswers } from '../probes.ts';
import type { ComponentDefinition, Plan } from '../types.ts';

/** The database and its user, in both forms of the infrastructure; reached from this machine only. */
const NAME = 'shop';

/** MariaDB, in MySQL's place where there is no container of MySQL. */
export const mysql: ComponentDefinition = {
  name: 'mysql',
  title: 'MariaDB',
  preferredPorts: [13306],

  plan(context): Plan {
    const { mariadbd, mariadbInstallDb } = context.tools;
    const [port = 0] = context.ports;
    const data = path.join(context.folder, 'data');
    const initFile = path.join(context.folder, 'init.sql');
    // As root it wants to be told that this is meant.
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    const settings = {
      datadir: data,
      port: String(port),
      'bind-address': '127.0.0.1',
      // Relative to the data: an absolute path may be longer than a socket's may be (107 bytes).
      socket: 'mariadb.sock',
      'pid-file': path.join(context.folder, 'mariadb.pid'),
      'init-file': initFile,
      'skip-name-resolve': 'ON',
      'innodb-buffer-pool-size': '64M',
      'character-set-server': 'utf8mb4',
      ...context.overrides,
    };
    return {
      async prepare() {
        writeFileSync(initFile, initSql());
        if (existsSync(data)) return;
        const fresh = `${data}.partial`;
        rmSync(fresh, { recursive: true, force: true });
        const install = [
          `--datadir=${fresh}`,
          '--skip-test-db',
          '--auth-root-authentication-method=socket',
        ];
        await context.run(mariadbInstallDb, ['--no-defaults', ...install, ...user]);
        renameSync(fresh, data);
      },
      launch: {
        file: mariadbd,
        args: [
          '--no-defaults',
          ...Object.entries(settings).map(([key, value]) => `--${key}=${value}`),
          ...user,
        ],
        env: baseEnv(),
        cwd: context.folder,
        logFile: context.logFile,
      },
      isReady: () => mysqlAnswers(port),
      addresses: { MYSQL_URL: `mysql://${NAME}:${NAME}@127.0.0.1:${port}/${NAME}` },
    };
  },
};

/** Run at every start, before the first connection; one statement a line. */
function initSql(): string {
  return `CREATE DATABASE IF NOT EXISTS ${NAME};
CREATE USER IF NOT EXISTS '${NAME}'@'127.0.0.1' IDENTIFIED BY '${NAME}';
GRANT ALL ON ${NAME}.* TO '${NAME}'@'127.0.0.1';
`;
}
