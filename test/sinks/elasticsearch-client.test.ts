import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ElasticsearchClient, elasticsearchSink } from '../../src/sinks/elasticsearch.ts';
import type { Outcome } from '../../src/sinks/sink.ts';
import { startProxy } from '../support/receivers/proxy.ts';
import { outgoingOf } from './support.ts';

// What a real server does not do at will. Everything else is asked of a real one, in elasticsearch.test.ts.

async function serverOf(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function outcomeFrom(port: number, timeoutMs = 5000, signal = new AbortController().signal): Promise<Outcome> {
  const sink = elasticsearchSink({ name: 'es', nodes: [`http://127.0.0.1:${port}`], timeoutMs });
  onTestFinished(() => sink.close());
  const documents = [outgoingOf('a', { document: { message: 'canary-4711' } })];
  const { prepared: [one] } = sink.build(documents);
  const answer = await sink.send(one!.request, signal);
  expect(JSON.stringify(answer)).not.toContain('canary');
  return sink.classify(documents, answer);
}

const answering = (status: number, headers: Record<string, string>, body: string): RequestListener => (request, response) => {
  request.resume().on('end', () => response.writeHead(status, headers).end(body));
};
const genuine = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/vnd.elasticsearch+json;compatible-with=8' };

test('another product, or a page of a proxy, takes no alerts and loses none', async () => {
  expect(await outcomeFrom(await serverOf(answering(200, { 'content-type': 'application/json' }, '{"items":[{"index":{"status":201}}]}')))).toEqual({ kind: 'retry', reason: 'not_elasticsearch' });
  expect(await outcomeFrom(await serverOf(answering(200, { 'content-type': 'text/html' }, '<h1>canary-4711</h1>')))).toEqual({ kind: 'retry', reason: 'not_elasticsearch' });
  expect(await outcomeFrom(await serverOf(answering(406, { 'content-type': 'application/json' }, '{"error":"Content-Type header [application/vnd.elasticsearch+x-ndjson] is not supported"}'))))
    .toEqual({ kind: 'retry', reason: 'not_elasticsearch', afterMs: 60_000 });
  expect(await outcomeFrom(await serverOf(answering(200, genuine, '{"took":1}')))).toEqual({ kind: 'retry', reason: 'not_elasticsearch' });
});

test('refused credentials wait for somebody to mend them', async () => {
  const body = '{"error":{"type":"security_exception","reason":"canary-4711"},"status":401}';
  expect(await outcomeFrom(await serverOf(answering(401, { 'content-type': 'application/json' }, body)))).toEqual({ kind: 'retry', reason: 'unauthorized', afterMs: 60_000 });
});

test('an error text that quotes the document does not come through', async () => {
  const item = { index: { status: 503, error: { type: 'unavailable_shards_exception', reason: '{"message":"canary-4711"}' } } };
  expect(await outcomeFrom(await serverOf(answering(200, genuine, JSON.stringify({ items: [item] }))))).toEqual({ kind: 'each', verdicts: [{ kind: 'retry', reason: 'unavailable' }] });
  const odd = { index: { status: 400, error: { type: 'canary-4711 as a type', reason: '' } } };
  expect(await outcomeFrom(await serverOf(answering(200, genuine, JSON.stringify({ items: [odd] }).replaceAll('canary-4711', 'x')))))
    .toEqual({ kind: 'each', verdicts: [{ kind: 'refused', reason: 'document_refused' }] });
});

test('nobody there, cut, silent, too slow, or we stop', async () => {
  const port = await serverOf(answering(200, genuine, '{"items":[{"index":{"status":201}}]}'));
  const proxy = await startProxy(port);
  onTestFinished(() => proxy.stop());
  expect(await outcomeFrom(proxy.port)).toEqual({ kind: 'each', verdicts: [{ kind: 'done' }] });
  proxy.set({ kind: 'cut' });
  expect(await outcomeFrom(proxy.port)).toEqual({ kind: 'retry', reason: 'unreachable' });
  proxy.set({ kind: 'silent' });
  expect(await outcomeFrom(proxy.port, 200)).toEqual({ kind: 'retry', reason: 'timeout' });
  proxy.set({ kind: 'slow', bytesPerSecond: 100 });
  expect(await outcomeFrom(proxy.port, 200)).toEqual({ kind: 'retry', reason: 'timeout' });
  expect(await outcomeFrom(proxy.port, 5000, AbortSignal.timeout(100))).toEqual({ kind: 'retry', reason: 'aborted' });
  await proxy.stop();
  expect(await outcomeFrom(proxy.port)).toEqual({ kind: 'retry', reason: 'unreachable' });
});

test('the client itself repeats nothing: when to ask again is decided elsewhere', async () => {
  for (const status of [429, 502, 503, 504]) {
    let requests = 0;
    const port = await serverOf((request, response) => {
      requests++;
      answering(status, genuine, '{}')(request, response);
    });
    expect([(await outcomeFrom(port)).kind, requests]).toEqual([status === 429 ? 'smaller' : 'retry', 1]);
  }
});

test('a request that fails says what it was with fixed words only', async () => {
  const port = await serverOf(answering(400, genuine, '{"error":"no handler found for uri [/canary-4711] and method [PUT]"}'));
  const client = new ElasticsearchClient({ nodes: [`http://127.0.0.1:${port}`] });
  onTestFinished(() => client.close());
  expect(await client.request('PUT', '/_ilm/policy/x', {})).toEqual({ status: 400, body: null, type: 'no_handler' });
});
