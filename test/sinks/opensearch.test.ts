import { beforeAll, expect, test } from 'vitest';
import { ElasticsearchClient } from '../../src/sinks/elasticsearch.ts';
import { openSearchSink, type OpenSearchOptions } from '../../src/sinks/opensearch.ts';
import type { Outcome, Outgoing } from '../../src/sinks/sink.ts';
import { sharedElasticsearch, uniqueName } from '../support/servers/shared.ts';
import { fullAlert, outgoing } from './alerts.ts';
import { outgoingOf } from './support.ts';

// OpenSearch itself cannot be fetched here: its client speaks to Elasticsearch, whose bulk interface it began with.
const index = uniqueName('opensearch');
let url: string;
beforeAll(async () => { ({ url } = await sharedElasticsearch()); }, 300_000);

async function deliver(documents: readonly Outgoing[], part: Partial<OpenSearchOptions> = {}, signal = new AbortController().signal): Promise<Outcome> {
  const sink = openSearchSink({ name: 'os', nodes: [url], index, ...part });
  const { prepared: [one] } = sink.build(documents);
  const outcome = sink.classify(one!.documents, await sink.send(one!.request, signal));
  await sink.close();
  return outcome;
}

const done = { kind: 'done' } as const;

test('each version replaces the one before, an older one never a newer', async () => {
  const version = (number: number, reason: string): Outgoing => outgoing(fullAlert({ version: number, reason }));
  expect(await deliver([version(5, 'five'), outgoing(fullAlert({ id: 'other' }))])).toEqual({ kind: 'each', verdicts: [done, done] });
  expect(await deliver([version(3, 'three')])).toEqual({ kind: 'each', verdicts: [done] });
  const client = new ElasticsearchClient({ nodes: [url] });
  const answer = await client.request('GET', `/${index}-2026.11/_doc/alert-1`) as { body: { _version: number; _source: { event: { reason: string } } } };
  await client.close();
  expect([answer.body._version, answer.body._source.event.reason]).toEqual([5, 'five']);
});

test('a document that does not fit is refused alone', async () => {
  await deliver([outgoingOf('n1', { document: { size: 1 } })]);
  const outcome = await deliver([outgoingOf('n2', { document: { size: 2 } }), outgoingOf('n3', { document: { size: 'text' } })]);
  expect(outcome).toEqual({ kind: 'each', verdicts: [done, { kind: 'refused', reason: 'mapping' }] });
});

test('nobody there, somebody else there, and who stops waits for nobody', async () => {
  expect(await deliver([outgoing()], { nodes: ['http://127.0.0.1:1'] })).toEqual({ kind: 'retry', reason: 'unreachable' });
  const abort = new AbortController();
  const outcome = deliver([outgoing()], {}, abort.signal);
  abort.abort();
  expect(['retry', 'each']).toContain((await outcome).kind);
});
