import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createActuator, listen, problem, type ActuatorOptions } from './http.ts';

test('healthy: 200 with the parts', async () => {
  const response = await actuator({}).request('/actuator/health');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: 'UP',
    components: { kafka: { status: 'UP', details: { tasks: 6 } } },
  });
});

test('one part down: 503, and one sees which', async () => {
  const app = actuator({
    health: () => ({ kafka: { status: 'UP' }, registry: { status: 'DOWN', details: 'gone' } }),
  });
  const response = await app.request('/actuator/health');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'DOWN',
    components: { kafka: { status: 'UP' }, registry: { status: 'DOWN', details: 'gone' } },
  });
});

test('a health check that throws is down, not an error page', async () => {
  const app = actuator({ health: () => Promise.reject(new Error('no answer')) });
  const response = await app.request('/actuator/health');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    components: { health: { status: 'DOWN', details: 'no answer' } },
  });
});

test('liveness is apart from health: being cut off is no reason for a restart', async () => {
  const app = actuator({ health: () => ({ kafka: { status: 'DOWN' } }) });
  expect((await app.request('/actuator/health/liveness')).status).toBe(200);
  expect((await app.request('/actuator/health/readiness')).status).toBe(503);
  const dead = actuator({ live: () => false });
  expect((await dead.request('/actuator/health/liveness')).status).toBe(503);
});

test('readiness can be told apart from health', async () => {
  const app = actuator({ ready: () => false });
  expect((await app.request('/actuator/health')).status).toBe(200);
  const response = await app.request('/actuator/health/readiness');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'DOWN' });
});

test('info', async () => {
  const response = await actuator({}).request('/actuator/info');
  expect(await response.json()).toEqual({ name: 'test' });
});

test('metrics in the format of Prometheus', async () => {
  const registry = new Registry();
  new Counter({ name: 'alerts_total', help: 'Alerts.', registers: [registry] }).inc(3);
  const response = await actuator({ registry }).request('/actuator/prometheus');
  expect(response.headers.get('content-type')).toContain('text/plain');
  expect(await response.text()).toContain('alerts_total 3');
});

test('what is not there is a 404 as problem details, a failure a 500', async () => {
  const app = actuator({});
  app.get('/broken', () => {
    throw new Error('oh');
  });
  const missing = await app.request('/actuator/nothing');
  expect(missing.status).toBe(404);
  expect(missing.headers.get('content-type')).toBe('application/problem+json');
  expect(await missing.json()).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'there is no /actuator/nothing here',
  });
  expect((await app.request('/broken')).status).toBe(500);
});

test('a problem may say more, and when to ask again', async () => {
  const faults = [{ field: 'email', message: 'is missing' }];
  const response = problem(503, 'Busy', 'too much', { members: { faults }, retryAfterS: 2 });
  expect(response.headers.get('retry-after')).toBe('2');
  expect(await response.json()).toMatchObject({ title: 'Busy', faults });
  expect(problem(404, 'Not Found', 'no').headers.has('retry-after')).toBe(false);
});

test('listens where it is told, and not any more after close', async () => {
  const server = await listen(actuator({}), { host: '127.0.0.1', port: 0 });
  expect((await fetch(`${server.url}/actuator/health`)).status).toBe(200);
  await server.close();
  await expect(fetch(`${server.url}/actuator/health`)).rejects.toThrow();
});

test('says where others reach it: by the machine’s name when it listens everywhere', async () => {
  const local = await listen(actuator({}), { host: '127.0.0.1', port: 0 });
  expect(local.address).toBe(`127.0.0.1:${String(local.port)}`);
  const open = await listen(actuator({}), { host: '0.0.0.0', port: 0 });
  expect(open.address).toBe(`${hostname()}:${String(open.port)}`);
  await Promise.all([local.close(), open.close()]);
});

test('close cuts a request that does not end', async () => {
  const app = actuator({});
  app.get('/forever', () => new Promise<Response>(() => undefined));
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  const forever = fetch(`${server.url}/forever`);
  const outcome = forever.then(
    () => 'answered',
    () => 'cut',
  );
  await fetch(`${server.url}/actuator/health`); // sent later, answered: the first one is there
  await server.close(1);
  expect(await outcome).toBe('cut');
});

test('a port that is taken is said, with the setting to change', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await expect(listen(actuator({}), { host: '127.0.0.1', port })).rejects.toThrow(
    /can not listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*HTTP_PORT/,
  );
  other.close();
});

function actuator(options: Partial<ActuatorOptions>) {
  return createActuator({
    health: () => ({ kafka: { status: 'UP', details: { tasks: 6 } } }),
    info: { name: 'test' },
    registry: new Registry(),
    ...options,
  });
}
