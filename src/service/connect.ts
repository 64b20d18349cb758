import type { Configuration, KafkaSection, SinkSection } from '../config/configuration.ts';
import type { HeartbeatSettings } from '../config/watch-schema.ts';
import { describeError } from '../ingest/kafka/client.ts';
import { lackingRights, type Wanted } from '../ingest/kafka/rights.ts';
import { findFault, outboundClient } from '../outbound/client.ts';
import { findUrlFault, resolveChecked } from '../outbound/egress.ts';
import { ElasticsearchClient } from '../sinks/elasticsearch.ts';
import { connectionOf, groupIdOf } from './sources.ts';
import { elasticsearchOptions, sinkUrls, syslogClient } from './make-sink.ts';
import { heartbeatUrl } from './watch.ts';

/** What came of trying one server: `problem` is `null` when it answered as it should. */
export interface Attempt { readonly what: string; readonly problem: string | null }

/** Tries every server that the configuration names. Reads and asks only; nothing is written anywhere. */
export async function tryServers({ kafka, sources, sinks, server: { heartbeat } }: Configuration): Promise<Attempt[]> {
  const attempts = sinks.filter((sink) => sink.type !== 'kafka' && sink.type !== 'stdout').map((sink) => trySink(sink));
  if (kafka !== null) attempts.unshift(tryKafka(kafka, wantedOf({ kafka, sources, sinks })));
  for (const sink of sinks) if (sink.type === 'elasticsearch' && sink.kibana?.url !== undefined) attempts.push(tryKibana(sink, sink.kibana.url));
  if (heartbeat !== null) attempts.push(tryHeartbeat(heartbeat));
  return Promise.all(attempts);
}

/** What the service does in Kafka. */
function wantedOf({ kafka, sources, sinks }: Pick<Configuration, 'kafka' | 'sources' | 'sinks'>): Wanted {
  const read = sources.filter((source) => source.type === 'kafka');
  return {
    reads: read.flatMap(({ topics }) => topics), writes: sinks.flatMap((sink) => (sink.type === 'kafka' ? [sink.topic] : [])),
    groups: read.map(({ name }) => groupIdOf(kafka?.group_id ?? '', name as string, read.length)),
  };
}

async function tryKafka(kafka: KafkaSection, wanted: Wanted): Promise<Attempt> {
  const what = `kafka ${kafka.brokers.join(', ')}`;
  try {
    const lacking = await lackingRights(connectionOf(kafka), wanted);
    return { what, problem: lacking.length === 0 ? null : lacking.join('; ') };
  } catch (error) {
    return { what, problem: describeError(error) };
  }
}

async function trySink(section: SinkSection): Promise<Attempt> {
  const what = `sink ${section.name}`;
  if (section.type === 'syslog') return { what, problem: await trySyslog(section) };
  if (section.type !== 'elasticsearch') return { what, problem: await tryAddresses(section) };
  const client = new ElasticsearchClient({ ...elasticsearchOptions(section), timeoutMs: 5_000 });
  const answer = await client.request('GET', '/_cluster/health');
  await client.close();
  if ('failure' in answer) return { what, problem: answer.failure };
  return { what, problem: answer.status === 200 ? null : `answers ${answer.status}${answer.type === null ? '' : ` ${answer.type}`}` };
}

/** Whoever asks without an account is told at least that it is there. */
async function tryKibana(section: Extract<SinkSection, { type: 'elasticsearch' }>, url: string): Promise<Attempt> {
  const what = `Kibana of sink ${section.name}`;
  const { ca } = elasticsearchOptions(section);
  const outbound = { urls: [url], allowPrivate: true, timeoutMs: 5_000, ...(ca === undefined ? {} : { ca }) };
  const fault = findFault(outbound);
  if (fault !== null) return { what, problem: `its URL ${fault}` };
  const path = `${url.replace(/\/+$/, '')}/api/status`;
  const answer = await outboundClient(outbound)({ method: 'GET', url: path, headers: {}, body: null }, new AbortController().signal);
  if (answer.kind === 'failed') return { what, problem: answer.reason };
  return { what, problem: answer.status === 200 || answer.status === 401 ? null : `answers ${answer.status}` };
}

/** Not called: the calls are to begin when the service does. */
async function tryHeartbeat(settings: HeartbeatSettings): Promise<Attempt> {
  return { what: 'heartbeat', problem: await tryAddress(heartbeatUrl(settings), settings.allowPrivate) };
}

/** Nothing is sent without an alert: `sinks test` does that. */
async function tryAddresses(section: SinkSection): Promise<string | null> {
  if (!('allow_private' in section) || section.type === 'syslog') return null;
  const problems = await Promise.all(sinkUrls(section).map((url) => tryAddress(url, section.allow_private)));
  return problems.find((problem) => problem !== null) ?? null;
}

/** A connection without a message, by udp none. */
async function trySyslog(section: Extract<SinkSection, { type: 'syslog' }>): Promise<string | null> {
  if (section.protocol === 'udp') return null;
  const answer = await syslogClient(section)([], AbortSignal.timeout(5_000));
  return answer.kind === 'sent' ? null : answer.reason;
}

async function tryAddress(url: string, allowPrivate: boolean): Promise<string | null> {
  const fault = findUrlFault(url, { allowPrivate });
  if (fault !== null) return `its URL ${fault}`;
  try {
    return await resolveChecked(new URL(url), { allowPrivate }) === null ? 'its name leads to addresses that are not allowed' : null;
  } catch {
    return 'its name cannot be looked up';
  }
}
