import { startInfra } from '../../services/launcher/infra.ts';
import { testFolder } from '../../services/launcher/test-folder.ts';

/** A database server for one file of tests: it drops tables that files beside it may be using. */
export interface OwnDatabase extends AsyncDisposable {
  readonly url: string;
}

export async function ownDatabase(): Promise<OwnDatabase> {
  const infra = await startInfra({
    dataDir: testFolder(),
    components: ['mysql'],
    temporary: true,
  });
  return { url: infra.addresses['MYSQL_URL']!, [Symbol.asyncDispose]: () => infra.stop() };
}
