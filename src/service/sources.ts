import { join } from 'node:path';
import type { Assembly } from '../assemble.ts';
import type { Configuration, KafkaSection } from '../config/configuration.ts';
import type { KafkaConnection } from '../ingest/kafka/client.ts';
import type { SchemaRegistrySettings } from '../ingest/kafka/schemas.ts';
import type { KafkaSettings } from '../ingest/kafka/settings.ts';
import { KafkaSource } from '../ingest/kafka/source.ts';
import { PushSource } from '../ingest/push/source.ts';
import { TailSource } from '../ingest/tail/source.ts';
import { readCredentials } from '../server/credentials.ts';
import type { PushTarget } from '../server/http.ts';
import { openSpool, type SqliteSpool } from '../store/spool.ts';
import type { LiveSource } from '../ingest/live.ts';

/** The sources of a configuration, and those of them that the HTTP server takes pushes for. */
export interface Sources {
  readonly live: readonly LiveSource[];
  readonly push: readonly PushTarget[];
  readonly spool: SqliteSpool | null;
}

/** Makes what the configuration names. Nothing is connected yet. Throws where a named file cannot be used. */
export function makeSources({ sources, kafka }: Configuration, { normalizerOf, store }: Assembly): Sources {
  const spool = sources.some((source) => source.type === 'http') ? openSpool(join(store.dir, 'spool.db')) : null;
  const push: PushTarget[] = [];
  const group = groupOf(kafka, sources.filter(({ type }) => type === 'kafka').length);
  const live = sources.filter((source) => source.type !== 'stdin').map((source): LiveSource => {
    const name = source.name as string;
    if (source.type === 'kafka') return new KafkaSource(name, { ...connectionOf(kafka as KafkaSection), ...group(name), topics: source.topics });
    if (source.type === 'file') return new TailSource({ name, paths: source.paths });
    const pushed = new PushSource({ name, spool: spool as SqliteSpool, normalizerOf: (format) => normalizerOf(source, format) });
    push.push({ name, credentials: readCredentials(source.credentialsFile as string), receive: (request) => pushed.receive(request) });
    return pushed;
  });
  return { live, push, spool };
}

/**
 * A group of its own for each source where there are several: members of one group that want different topics are
 * given those of whoever leads it.
 */
function groupOf(kafka: KafkaSection | null, count: number): (source: string) => Pick<KafkaSettings, 'groupId' | 'maxDecompressedBytes' | 'schemaRegistry'> {
  const { group_id: groupId, max_decompressed_bytes: limit, schema_registry: registry } = kafka ?? { group_id: '' };
  const more = {
    ...(limit === undefined ? {} : { maxDecompressedBytes: limit }),
    ...(registry && { schemaRegistry: registryOf(registry) }),
  };
  return (source) => ({ groupId: groupIdOf(groupId, source, count), ...more });
}

/** `count`: of all sources that read Kafka. */
export function groupIdOf(groupId: string, source: string, count: number): string {
  return count > 1 ? `${groupId}.${source}` : groupId;
}

function registryOf({ url, username, password_file, ca_file }: NonNullable<KafkaSection['schema_registry']>): SchemaRegistrySettings {
  return { url, ...defined({ username, passwordFile: password_file, caFile: ca_file }) };
}

/** How the configuration's cluster is reached. */
export function connectionOf({ brokers, client_id, tls, sasl }: KafkaSection): KafkaConnection {
  const files = tls && defined({ caFile: tls.ca_file, certFile: tls.cert_file, keyFile: tls.key_file });
  const login = sasl && {
    mechanism: sasl.mechanism, ...defined({ username: sasl.username, passwordFile: sasl.password_file, tokenFile: sasl.token_file }),
  };
  return { brokers, clientId: client_id, ...(files ? { ssl: files } : {}), ...(login ? { sasl: login } : {}) };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that have no value. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
