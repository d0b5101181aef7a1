/** Signing in, up and out. */
import type { Hono } from 'hono';
import { ApiProblem } from '../../web/api-client.ts';
import { localPath } from '../local-path.ts';
import type { SignInFault, SignUpFault, SignUpField, StorePages } from '../pages.ts';
import type { Route } from './route.ts';
import { formOf } from './route.ts';

export function addAccount(app: Hono, route: Route): void {
  app.get(
    '/sign-in',
    route(async (visit) => {
      const next = localPath(visit.c.req.query('next'));
      if ((await visit.session()).account !== null) return visit.goTo(next);
      return visit.page('sign-in', { next, email: '', fault: null });
    }),
  );

  app.post(
    '/sign-in',
    route(async (visit) => {
      const form = await formOf(visit);
      const next = localPath(form('next'));
      const email = form('email');
      try {
        const body = { email, password: form('password') };
        await visit.call('POST /api/session', { body, csrf: form('csrf') });
      } catch (error) {
        const fault = signInFaultOf(error);
        return visit.page('sign-in', { next, email, fault }, fault === 'too-often' ? 429 : 422);
      }
      return visit.goTo(next);
    }),
  );

  app.get(
    '/sign-up',
    route(async (visit) => {
      const next = localPath(visit.c.req.query('next'));
      if ((await visit.session()).account !== null) return visit.goTo(next);
      const empty = { email: '', displayName: '', faults: {}, fault: null };
      return visit.page('sign-up', { next, ...empty });
    }),
  );

  app.post(
    '/sign-up',
    route(async (visit) => {
      const form = await formOf(visit);
      const next = localPath(form('next'));
      const typed = { email: form('email'), displayName: form('displayName') };
      try {
        const body = { ...typed, password: form('password') };
        await visit.call('POST /api/accounts', { body, csrf: form('csrf') });
      } catch (error) {
        return visit.page('sign-up', { next, ...typed, ...signUpFaultsOf(error, form) }, 422);
      }
      return visit.goTo(next);
    }),
  );

  app.post(
    '/sign-out',
    route(async (visit) => {
      const form = await formOf(visit);
      const query = form('everywhere') === '' ? {} : { everywhere: 'true' as const };
      await visit.call('DELETE /api/session', { query, csrf: form('csrf') });
      return visit.goTo('/');
    }),
  );
}

/** Those that belong beside the form; all others are thrown on. */
function signInFaultOf(error: unknown): SignInFault {
  const status = error instanceof ApiProblem ? error.status : 500;
  if (status === 429) return 'too-often';
  if (status === 403) return 'again';
  if (status === 400 || status === 401 || status === 422) return 'wrong';
  throw error;
}

type SignUpFaults = Pick<StorePages['sign-up'], 'faults' | 'fault'>;

function signUpFaultsOf(error: unknown, form: (name: string) => string): SignUpFaults {
  if (!(error instanceof ApiProblem)) throw error;
  const { status, problem } = error;
  if (status === 429) return { faults: {}, fault: 'too-often' };
  if (status === 403) return { faults: {}, fault: 'again' };
  if (status === 409) return { faults: { email: 'taken' }, fault: null };
  if (status !== 400 && status !== 422) throw error;
  const wrong = (problem.faults ?? []).map(({ field }) => fieldOf(field));
  const faults = wrong
    .filter((field) => field !== undefined)
    .map((field): [SignUpField, SignUpFault] => [
      field,
      form(field).trim() === '' ? 'missing' : 'odd',
    ]);
  return { faults: Object.fromEntries(faults), fault: faults.length === 0 ? 'again' : null };
}

function fieldOf(name: string): SignUpField | undefined {
  return (['email', 'password', 'displayName'] as const).find((field) => name.endsWith(field));
}
