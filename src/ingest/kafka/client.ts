import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import kafkajs, { type Kafka, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';

/** How a Kafka cluster is reached. Secrets are named by file, never given. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** TLS. Absent: none. An empty object: with the machine's own authorities. */
  readonly ssl?: {
    /** Authorities to trust, PEM. */
    readonly caFile?: string;
    /** Our own certificate and its key, PEM. */
    readonly certFile?: string;
    readonly keyFile?: string;
  };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer';
    /** For all mechanisms but `oauthbearer`. */
    readonly username?: string;
    readonly passwordFile?: string;
    /** For `oauthbearer`: read anew for each login, so that somebody else may renew it. */
    readonly tokenFile?: string;
  };
}

/** The settings cannot work: a file that is missing, credentials or certificates that are refused, a topic that is not there. */
export class KafkaSettingsError extends Error {
  override name = 'KafkaSettingsError';
}

export interface ClientOptions {
  /** Attempts of one request after the first. */
  readonly retries: number;
  /** Sees what kafkajs logs as errors; what it throws comes out of the operation that logged. */
  readonly onError?: (entry: LogEntry) => void;
}

/** A kafkajs client; nothing is connected yet. Throws a `KafkaSettingsError` where a named file cannot be read. */
export function createClient(connection: KafkaConnection, { retries, onError = () => {} }: ClientOptions): Kafka {
  const config: KafkaConfig = {
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    connectionTimeout: 5000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2000, retries },
    logLevel: kafkajs.logLevel.ERROR,
    logCreator: () => onError,
  };
  if (connection.ssl !== undefined) config.ssl = tlsOptions(connection.ssl);
  if (connection.sasl !== undefined) config.sasl = saslOptions(connection.sasl);
  return new kafkajs.Kafka(config);
}

function tlsOptions({ caFile, certFile, keyFile }: NonNullable<KafkaConnection['ssl']>): ConnectionOptions {
  const options: ConnectionOptions = {};
  if (caFile !== undefined) options.ca = [fileText(caFile)];
  if (certFile !== undefined) options.cert = fileText(certFile);
  if (keyFile !== undefined) options.key = fileText(keyFile);
  return options;
}

function saslOptions({ mechanism, username, passwordFile, tokenFile }: NonNullable<KafkaConnection['sasl']>): SASLOptions {
  if (mechanism === 'oauthbearer') {
    if (tokenFile === undefined) throw new KafkaSettingsError('sasl.mechanism oauthbearer needs a token file');
    fileText(tokenFile);
    return { mechanism, oauthBearerProvider: async () => ({ value: (await readFile(tokenFile, 'utf8')).trim() }) };
  }
  if (username === undefined || passwordFile === undefined) throw new KafkaSettingsError(`sasl.mechanism ${mechanism} needs a user name and a password file`);
  return { mechanism, username, password: fileText(passwordFile).trimEnd() };
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new KafkaSettingsError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
}

/** What OpenSSL and Node say about certificates and protocols; everything else about a connection may pass by itself. */
const tlsProblem = /certificate|\bSSL\b|\bTLS\b|altnames|wrong version number|unable to (?:get|verify)|packet length/i;

/** Will the same settings fail again, however often they are tried? */
export function isHopeless(error: unknown): boolean {
  if (error instanceof KafkaSettingsError) return true;
  for (let cause = error as Error | undefined, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause as Error | undefined, depth++) {
    if (cause.name === 'KafkaJSSASLAuthenticationError') return true;
    if (cause.name === 'KafkaJSConnectionError' && tlsProblem.test(cause.message)) return true;
  }
  return false;
}

/** Name and message of what kafkajs threw: they hold addresses, topics and numbers, never records. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown error';
}
