import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { KafkaSection, SinkSection } from '../config/configuration.ts';
import { byteCount } from '../config/units.ts';
import { checkedClient, type OutboundOptions, type Send } from '../outbound/client.ts';
import { findHostFault, streamClient, type SendStream } from '../outbound/stream.ts';
import { secretIn, withAuthorizer } from '../respond/actions/auth/authorizer.ts';
import { elasticsearchSink, type ElasticsearchOptions } from '../sinks/elasticsearch.ts';
import { kafkaSink } from '../sinks/kafka-alerts.ts';
import { createKafkaProducer } from '../sinks/kafka.ts';
import { ndjsonFileSink } from '../sinks/ndjson-file.ts';
import { openSearchSink } from '../sinks/opensearch.ts';
import type { Sink } from '../sinks/sink.ts';
import { splunkSink } from '../sinks/splunk.ts';
import { stdoutSink, type WriteText } from '../sinks/stdout.ts';
import { syslogSink } from '../sinks/syslog.ts';
import { templateSink } from '../sinks/template.ts';
import { webhookSink } from '../sinks/webhook.ts';
import { packageVersion } from './package-files.ts';
import { openTemplate, type TemplateSection } from './sink-templates.ts';
import { connectionOf, defined } from './sources.ts';

type SectionOf<Type extends SinkSection['type']> = Extract<SinkSection, { type: Type }>;
type AnySink = Sink<unknown, unknown>;

/** `write` is what a sink of type stdout writes with. Throws an `Error` where a URL, a host or a secret's file cannot be used. */
export function makeSink(section: SinkSection, kafka: KafkaSection | null, write: WriteText): AnySink {
  const { name } = section;
  switch (section.type) {
    case 'elasticsearch': return elasticsearchSink(elasticsearchOptions(section)) as AnySink;
    case 'kafka': return kafkaSink(name, createKafkaProducer(connectionOf(kafka as KafkaSection)), section.topic) as AnySink;
    case 'webhook': return webhookSink({
      name, url: section.url, secretFile: section.secret_file, allowPrivate: section.allow_private, ...defined({ ca: textOf(section.ca_file) }),
    }) as AnySink;
    case 'stdout': return stdoutSink(name, write) as AnySink;
    case 'file': return ndjsonFileSink({
      name, path: section.path, format: section.format, maxBytes: byteCount(section.max_size) as number, keep: section.keep, productVersion: packageVersion(),
    }) as AnySink;
    case 'opensearch': return makeOpenSearch(section);
    case 'syslog': return makeSyslog(section);
    case 'splunk': return makeSplunk(section);
    default: return makeTemplate(section);
  }
}

/** How a configured cluster is reached, with what the named files hold. */
export function elasticsearchOptions(section: SectionOf<'elasticsearch'>): ElasticsearchOptions {
  const optional = defined({
    apiKey: textOf(section.api_key_file), username: section.username, password: textOf(section.password_file),
    ca: textOf(section.ca_file), caFingerprint: section.ca_fingerprint, index: section.index,
  });
  return { name: section.name, nodes: section.nodes, ...optional };
}

function makeOpenSearch({ name, nodes, username, index, ...files }: SectionOf<'opensearch'>): AnySink {
  const optional = defined({
    username, index, password: textOf(files.password_file), ca: textOf(files.ca_file), cert: textOf(files.cert_file), key: textOf(files.key_file),
  });
  return openSearchSink({ name, nodes, ...optional }) as AnySink;
}

function makeSyslog(section: SectionOf<'syslog'>): AnySink {
  const { name, protocol, format, facility, max_bytes: maxBytes = protocol === 'udp' ? 2048 : 8192 } = section;
  const options = { name, protocol, format, facility, maxBytes, hostname: section.hostname ?? hostname(), productVersion: packageVersion() };
  return syslogSink(options, syslogClient(section)) as AnySink;
}

/** A connection to the receiver of a syslog sink. Throws an `Error` where its host or a file cannot be used. */
export function syslogClient(section: SectionOf<'syslog'>): SendStream {
  const { name, host, protocol, port = protocol === 'tls' ? 6514 : 514 } = section;
  const fault = findHostFault(host);
  if (fault !== null) throw new Error(`the host of sink ${name} ${fault}`);
  const files = defined({ ca: textOf(section.ca_file), cert: textOf(section.cert_file), key: textOf(section.key_file) });
  return streamClient({ host, port, protocol, allowPrivate: section.allow_private, ...files });
}

function makeSplunk(section: SectionOf<'splunk'>): AnySink {
  const { name, url, format, acknowledge } = section;
  const options = {
    name, url, format, acknowledge, token: secretIn(section.token_file), sourceType: section.source_type, channel: randomUUID(),
    productVersion: packageVersion(), ...defined({ index: section.index }),
  };
  return splunkSink(options, receiverClient(section, { urls: [url], timeoutMs: 30_000 })) as AnySink;
}

function makeTemplate(section: TemplateSection): AnySink {
  const { template, authorizer } = openTemplate(section, packageVersion());
  const urls = [...template.urls, ...authorizer?.urls ?? []];
  const send = receiverClient(section, { urls, timeoutMs: 15_000, ...defined({ maxAnswerBytes: template.maxAnswerBytes }) });
  return templateSink(section.name, template, authorizer === null ? send : withAuthorizer(send, authorizer)) as AnySink;
}

/** Where a sink over HTTP that has its own credentials sends to. Throws as `makeSink`. */
export function sinkUrls(section: SectionOf<'webhook' | 'splunk'> | TemplateSection): readonly string[] {
  if (section.type === 'webhook' || section.type === 'splunk') return [section.url];
  const { template, authorizer } = openTemplate(section, packageVersion());
  return [...template.urls, ...authorizer?.urls ?? []];
}

/** A client for the hosts of one sink, with the checks that everything outbound has. */
function receiverClient(section: SectionOf<'splunk'> | TemplateSection, outbound: OutboundOptions): Send {
  return checkedClient(`the URL of sink ${section.name}`, { ...outbound, allowPrivate: section.allow_private, ...defined({ ca: textOf(section.ca_file) }) });
}

function textOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
}
