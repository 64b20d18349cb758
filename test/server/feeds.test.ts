import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { Credentials } from '../../src/server/credentials.ts';
import type { FeedsHandler, GoOnAnswer, GoOnRequest } from '../../src/server/feeds.ts';
import { startServer } from '../../src/server/http.ts';
import { judge } from '../../src/server/readiness.ts';

const feed = { feed: 'kafka/logs/0', source: 'logs', position: '7', lag: null, stoppedBecause: 'It was cut.' };
const decision = { timeMs: 5, feed: 'kafka/logs/0', position: '7', reason: 'so', actor: 'ann' };

async function running(answer: GoOnAnswer, credentials: Credentials | null = null) {
  const asked: GoOnRequest[] = [];
  const feeds: FeedsHandler = { feeds: () => [feed], decisions: () => [decision], goOn: async (request) => {
    asked.push(request);
    return answer;
  } };
  const readiness = () => judge({ nowMs: 0, running: true, storeProblem: null, lastCheckpointMs: null, sources: [], sinks: [] });
  const server = await startServer({ host: '127.0.0.1', port: 0, credentials, push: [], feeds, readiness, metrics: async () => ({ contentType: 'text/plain', text: '' }) });
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${server.port}/api/feeds`;
  const post = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${url}/go-on`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    return [response.status, await response.json()];
  };
  return { url, asked, post };
}

const done: GoOnAnswer = { kind: 'done', position: '9' };

test('feeds are listed and let go on', async () => {
  const { url, asked, post } = await running(done);
  expect(await (await fetch(url)).json()).toEqual({ feeds: [feed], decisions: [decision] });
  expect(await post({ feed: feed.feed, reason: ' the disk was full ' })).toEqual([200, { feed: feed.feed, position: '9' }]);
  expect(await post({ feed: feed.feed, from: 12, reason: 'so' })).toEqual([200, { feed: feed.feed, position: '9' }]);
  expect(asked).toEqual([
    { feed: feed.feed, from: 'earliest', reason: 'the disk was full', actor: 'operator' }, { feed: feed.feed, from: 12, reason: 'so', actor: 'operator' },
  ]);
});

test.each([
  [{}], [[]], [{ feed: 'a' }], [{ feed: 'a', reason: '  ' }], [{ feed: 'a', reason: 'x'.repeat(501) }], [{ feed: 1, reason: 'so' }],
  [{ feed: 'a', reason: 'so', from: -1 }], [{ feed: 'a', reason: 'so', from: 1.5 }], [{ feed: 'a', reason: 'so', from: 'start' }], ['{'],
])('%j is no request', async (body) => {
  const { asked, post } = await running(done);
  expect(await post(body)).toEqual([400, { error: 'bad_request' }]);
  expect(asked).toEqual([]);
});

test('what a page of another origin could send by itself is no request', async () => {
  const { asked, post } = await running(done);
  const body = { feed: feed.feed, reason: 'so' };
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a']) {
    const [status] = await post(body, { 'content-type': type });
    expect([400, 415]).toContain(status);
  }
  expect(asked).toEqual([]);
});

test.each([['unknown_feed', 404], ['not_stopped', 409], ['no_such_place', 409], ['busy', 429], ['stopping', 503]] as const)('%s is told', async (why, status) => {
  const { post } = await running({ kind: 'refused', why });
  expect(await post({ feed: feed.feed, reason: 'so' })).toEqual([status, { error: why }]);
});

test('who may not is turned away', async () => {
  const { url, asked, post } = await running(done, new Credentials([createHash('sha256').update('right').digest()]));
  const body = { feed: feed.feed, reason: 'so' };
  expect((await fetch(url)).status).toBe(401);
  expect(await post(body)).toEqual([401, { error: 'unauthenticated' }]);
  expect(await post(body, { authorization: 'Bearer wrong' })).toEqual([401, { error: 'unauthenticated' }]);
  expect(asked).toEqual([]);
  expect((await post(body, { authorization: 'Bearer right' }))[0]).toBe(200);
});
