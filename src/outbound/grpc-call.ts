import { Client, credentials, logVerbosity, Metadata, setLogVerbosity, status, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import { fromJSON, type MethodDefinition, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import type { GrpcAnswer, GrpcLimits, GrpcRequest, GrpcSchema, GrpcTarget, ReadMessage } from './grpc-port.ts';

// It writes to standard error by itself, and may quote the other side.
setLogVerbosity(logVerbosity.NONE);

const parsed = new WeakMap<GrpcSchema, PackageDefinition>();

/** Names stay as they are, numbers of 64 bits are decimal texts, what was left out has its standard value. */
function definitionOf(schema: GrpcSchema): PackageDefinition {
  const known = parsed.get(schema) ?? fromJSON(schema as Parameters<typeof fromJSON>[0], { keepCase: true, longs: String, defaults: true });
  parsed.set(schema, known);
  return known;
}

function methodOf(schema: GrpcSchema, name: string): MethodDefinition<object, object> {
  const [service = '', method = ''] = name.split('/', 2);
  return (definitionOf(schema)[service] as ServiceDefinition)[method]!;
}

function readerOf(schema: GrpcSchema): ReadMessage {
  return (type, bytes) => {
    const message = definitionOf(schema)[type];
    if (message === undefined || !('deserialize' in message) || typeof message.deserialize !== 'function') throw new Error('no such message');
    return message.deserialize(Buffer.from(bytes)) as Readonly<Record<string, unknown>>;
  };
}

/** Nothing of the environment is listened to, nothing is repeated, and nobody else shares the connection. */
const channel = {
  'grpc.enable_http_proxy': 0, 'grpc.enable_retries': 0, 'grpc.service_config_disable_resolution': 1, 'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_channelz': 0, 'grpc.primary_user_agent': 'tokenward',
} as const;

interface Met { isOther: boolean }

/**
 * One call, and its answer. Rejects where what it is given cannot be used. A connection that was not made is told by gRPC as `UNAVAILABLE`, like
 * the other side's own word; only that the other side is not who it should be is told apart.
 */
export async function call(schema: GrpcSchema, target: GrpcTarget, { method, message }: GrpcRequest, limits: GrpcLimits): Promise<GrpcAnswer> {
  const { path, requestSerialize, responseDeserialize } = methodOf(schema, method);
  const met: Met = { isOther: false };
  const client = new Client(target.uri, credentialsOf(target, met), {
    ...channel, 'grpc.max_receive_message_length': limits.maxAnswerBytes,
    ...(target.tls === null ? {} : { 'grpc.ssl_target_name_override': target.tls.serverName }),
  });
  const read = readerOf(schema);
  try {
    return await new Promise<GrpcAnswer>((resolve) => {
      const done = (error: ServiceError | null, answer?: object): void => {
        resolve(error !== null
          ? refusalOf(error, met, read)
          : { kind: 'answered', code: status.OK, message: (answer ?? {}) as Readonly<Record<string, unknown>>, read });
      };
      const sent = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, new Metadata(), { deadline: limits.endMs }, done);
      if (limits.signal.aborted) sent.cancel();
      limits.signal.addEventListener('abort', () => sent.cancel(), { once: true });
    });
  } finally {
    client.close();
  }
}

function refusalOf({ code, details, metadata }: ServiceError, { isOther }: Met, read: ReadMessage): GrpcAnswer {
  if (isOther || code === status.UNAVAILABLE && /certificate|SSL routines/i.test(details)) return { kind: 'failed', reason: 'certificate' };
  // The library's own words: the other side refuses by the same code.
  if (code === status.RESOURCE_EXHAUSTED && details.startsWith('Received message larger than max')) return { kind: 'failed', reason: 'answer_too_long' };
  const afterMs = retryDelayMs(metadata);
  return { kind: 'answered', code, message: null, ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }), read };
}

function credentialsOf({ tls }: GrpcTarget, met: Met): ChannelCredentials {
  if (tls === null) return credentials.createInsecure();
  const { ca, key, certificate, serverId } = tls;
  return credentials.createSsl(ca, key, certificate, {
    // Instead of a host's name, which an SVID has not: its one URI is who it is (SPIFFE X509-SVID, 2).
    checkServerIdentity: (_host, { subjectaltname: names = '' }) => {
      const uris = names.split(', ').filter((name) => name.startsWith('URI:'));
      met.isOther = uris.length !== 1 || uris[0] !== `URI:${serverId}`;
      return met.isOther ? new Error('the server is another') : undefined;
    },
  });
}

const longestSeconds = 86_400;

const field = (type: string, id: number, rule?: 'repeated') => ({ type, id, ...(rule === undefined ? {} : { rule }) });

/** What refusals may carry: https://github.com/googleapis/googleapis, `google/rpc`. */
const rpc: GrpcSchema = { nested: { google: { nested: {
  rpc: { nested: {
    Status: { fields: { details: field('google.protobuf.Any', 3, 'repeated') } },
    RetryInfo: { fields: { retry_delay: field('google.protobuf.Duration', 1) } },
  } },
  protobuf: { nested: {
    Any: { fields: { type_url: field('string', 1), value: field('bytes', 2) } },
    Duration: { fields: { seconds: field('int64', 1), nanos: field('int32', 2) } },
  } },
} } } };

/** `google.rpc.RetryInfo` among the details of a refusal: how long the other side asks us to wait. */
function retryDelayMs(metadata: Metadata): number | undefined {
  const read = readerOf(rpc);
  const [details] = metadata.get('grpc-status-details-bin');
  if (!(details instanceof Buffer)) return undefined;
  try {
    const all = read('google.rpc.Status', details)['details'] as readonly { readonly type_url: string; readonly value: Uint8Array }[];
    const wanted = all.find(({ type_url: type }) => type.endsWith('/google.rpc.RetryInfo'));
    if (wanted === undefined) return undefined;
    const delay = read('google.rpc.RetryInfo', wanted.value)['retry_delay'] as { readonly seconds: string; readonly nanos: number } | null;
    if (delay === null) return undefined;
    return Math.max(0, Math.min(Number(delay.seconds), longestSeconds) * 1000 + Math.ceil(delay.nanos / 1e6));
  } catch {
    return undefined;
  }
}
