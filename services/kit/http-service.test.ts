import { pino } from 'pino';
import { expect, test } from 'vitest';
import { startHttpService, type HttpServiceOptions } from './http-service.ts';
import { readSettings } from './settings.ts';

test('answers how it is while it prepares, and takes requests afterwards', async () => {
  const { promise: prepared, resolve: prepare } = Promise.withResolvers<undefined>();
  const service = await start({
    prepare: async ({ report }) => {
      report('waiting for the database: nobody there');
      await prepared;
    },
  });
  const early = await fetch(`${service.url}/things`);
  expect(early.status).toBe(503);
  expect(early.headers.get('retry-after')).toBe('2');
  expect(await early.json()).toMatchObject({
    detail: 'demo is still starting: waiting for the database: nobody there',
  });
  const health = await fetch(`${service.url}/actuator/health`);
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ components: { startup: { status: 'DOWN' } } });

  prepare(undefined);
  await new Promise(setImmediate);
  expect((await fetch(`${service.url}/things`)).status).toBe(200);
  expect((await fetch(`${service.url}/actuator/health`)).status).toBe(200);
  await service.close();
});

test('readiness may be less than health: a part that is not needed for requests', async () => {
  const service = await start({
    health: () => ({ kafka: { status: 'DOWN' } }),
    ready: () => true,
  });
  await new Promise(setImmediate);
  expect((await fetch(`${service.url}/actuator/health`)).status).toBe(503);
  expect((await fetch(`${service.url}/actuator/health/readiness`)).status).toBe(200);
  await service.close();
});

test.each(['prepare', 'run'] as const)('what fails for good in %s ends it', async (phase) => {
  const service = await start({ [phase]: () => Promise.reject(new Error('wrong statement')) });
  expect((await service.failed).message).toBe('wrong statement');
  await service.close();
});

test('stops from the outside in', async () => {
  const steps: string[] = [];
  const service = await start({
    run: ({ patience: { signal } }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          steps.push('told to stop');
          setImmediate(() => {
            steps.push('stopped');
            resolve();
          });
        });
      }),
    release: () => {
      steps.push('released');
      return Promise.resolve();
    },
  });
  await service.close();
  expect(steps).toEqual(['told to stop', 'stopped', 'released']);
  await expect(fetch(`${service.url}/things`)).rejects.toThrow();
});

function start(options: Partial<HttpServiceOptions>) {
  return startHttpService({
    name: 'demo',
    settings: readSettings({ env: { HTTP_PORT: '0' }, cwd: '/nowhere' }),
    logger: pino({ level: 'silent' }),
    routes: (http) => http.get('/things', (c) => c.json([])),
    ...options,
  });
}
