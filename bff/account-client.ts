import { z } from 'zod';
import type { Trace } from '#kit';
import { role } from './contract.ts';
import { ApiProblem, unavailable } from './problems.ts';
import type { SignedIn } from './sessions.ts';

/** The account service, as far as it is needed from outside. */
export interface Accounts {
  /** @throws {ApiProblem} 401, 422, 503 */
  verify(email: string, password: string, trace: Trace): Promise<SignedIn>;
  /** @throws {ApiProblem} 409, 422, 503 */
  signUp(
    account: { readonly email: string; readonly password: string; readonly displayName: string },
    trace: Trace,
  ): Promise<SignedIn>;
}

const TIMEOUT_MS = 5000;

const account = z.object({
  accountId: z.string(),
  displayName: z.string(),
  roles: z.array(z.string()),
});
const refusal = z.object({
  detail: z.string(),
  faults: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
/** What is passed on as it is; whatever else is said there is not for others. */
const PASSED_ON = new Set([401, 409, 422]);

export function accountClient(url: string): Accounts {
  const post = async (path: string, body: unknown, trace: Trace): Promise<SignedIn> => {
    const answer = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...trace },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {
      throw unavailable('sign-in');
    });
    const said: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) {
      const { accountId, displayName, roles } = account.parse(said);
      const known = roles.flatMap((each) => role.safeParse(each).data ?? []);
      return { accountId, displayName, roles: known };
    }
    const read = refusal.safeParse(said);
    if (!PASSED_ON.has(answer.status) || !read.success) throw unavailable('sign-in');
    const { detail, faults } = read.data;
    throw new ApiProblem(answer.status as 401, detail, faults ? { faults } : {});
  };
  return {
    verify: (email, password, trace) => post('/accounts/verify', { email, password }, trace),
    signUp: (wanted, trace) => post('/accounts', wanted, trace),
  };
}
