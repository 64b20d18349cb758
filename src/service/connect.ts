import type { Configuration, KafkaSection, SinkSection } from '../config/configuration.ts';
import { createClient, describeError } from '../ingest/kafka/client.ts';
import { findUrlFault, resolveChecked } from '../outbound/egress.ts';
import { ElasticsearchClient } from '../sinks/elasticsearch.ts';
import { connectionOf } from './sources.ts';
import { elasticsearchOptions, sinkUrls, syslogClient } from './make-sink.ts';

/** What came of trying one server: `problem` is `null` when it answered as it should. */
export interface Attempt { readonly what: string; readonly problem: string | null }

/** Tries every server that the configuration names. Reads and asks only; nothing is written anywhere. */
export async function tryServers({ kafka, sources, sinks }: Configuration): Promise<Attempt[]> {
  const topics = [
    ...sources.flatMap((source) => (source.type === 'kafka' ? source.topics : [])),
    ...sinks.flatMap((sink) => (sink.type === 'kafka' ? [sink.topic] : [])),
  ];
  const attempts = sinks.filter((sink) => sink.type !== 'kafka' && sink.type !== 'stdout').map((sink) => trySink(sink));
  if (kafka !== null) attempts.unshift(tryKafka(kafka, topics));
  return Promise.all(attempts);
}

async function tryKafka(kafka: KafkaSection, topics: readonly string[]): Promise<Attempt> {
  const what = `kafka ${kafka.brokers.join(', ')}`;
  try {
    const admin = createClient(connectionOf(kafka), { retries: 1 }).admin();
    await admin.connect();
    try {
      const known = new Set(await admin.listTopics());
      const missing = topics.filter((topic) => !known.has(topic));
      return { what, problem: missing.length === 0 ? null : `has no topic ${missing.join(', ')}` };
    } finally {
      await admin.disconnect();
    }
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
