import { describe, expect, test } from 'vitest';
import { httpQueryHandler, httpQueryTransport, QUERY_PATH } from './http-queries.ts';
import { encodeRequest } from './query-json.ts';
import type { QueryRequest, TaskAnswer } from './store-query.ts';

const request: QueryRequest = {
  task: '0_3',
  query: { kind: 'get', store: 'orders', key: Buffer.from([0, 255]) },
  allowStale: true,
};
const answer: TaskAnswer = {
  status: 'answered',
  task: '0_3',
  isActive: false,
  position: 7,
  lag: 2,
  asOf: 1_000,
  watermark: null,
  entries: [[Buffer.from([0, 255]), Buffer.from('value')]],
  isLast: true,
};

test('a question gets to the handler as it was asked, and the answer back', async () => {
  const asked: QueryRequest[] = [];
  const handler = httpQueryHandler({
    answerQuery: (each) => {
      asked.push(each);
      return Promise.resolve(answer);
    },
  });
  const urls: string[] = [];
  const transport = httpQueryTransport({
    fetch: (each) => {
      urls.push(each.url);
      return handler(each);
    },
  });
  expect(await transport.ask('there:2', request)).toEqual(answer);
  expect([asked, urls]).toEqual([[request], [`http://there:2${QUERY_PATH}`]]);
});

describe('the transport', () => {
  test('passes on what the other side says is wrong', async () => {
    const fetch = () => Promise.resolve(new Response('version 2 is not known', { status: 400 }));
    const transport = httpQueryTransport({ fetch });
    await expect(transport.ask('there:2', request)).rejects.toThrow('HTTP 400: version 2');
  });

  test('does not wait for ever', async () => {
    // The real one ends like this, too, when it is told to.
    const fetch = ({ signal }: Request) =>
      new Promise<Response>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    const transport = httpQueryTransport({ fetch, timeoutMs: 1 });
    await expect(transport.ask('there:2', request)).rejects.toThrow(/timeout/);
  });

  test('goes where it is told', async () => {
    const urls: string[] = [];
    const transport = httpQueryTransport({
      protocol: 'https:',
      path: '/asked',
      fetch: ({ url }) => {
        urls.push(url);
        return Promise.resolve(new Response('', { status: 503 }));
      },
    });
    await expect(transport.ask('[::1]:2', request)).rejects.toThrow('HTTP 503');
    expect(urls).toEqual(['https://[::1]:2/asked']);
  });
});

describe('the handler refuses', () => {
  const handler = httpQueryHandler({ answerQuery: () => Promise.resolve(answer) });
  const json = { 'content-type': 'application/json' };
  const post = (body: string, headers: Record<string, string> = json) =>
    handler(new Request('http://here:1/', { method: 'POST', body, headers }));

  test.each([
    ['what is no POST', () => handler(new Request('http://here:1/')), 405],
    ['what a page in a browser could send', () => post(encodeRequest(request), {}), 415],
    ['what is too long', () => post('x'.repeat(1_100_000)), 413],
    ['what is no query', () => post('{"v":1}'), 400],
  ])('%s', async (_what, call, status) => {
    const response = await call();
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(/.+/)]);
  });

  test('and not what is one', async () => {
    expect((await post(encodeRequest(request))).status).toBe(200);
  });
});
