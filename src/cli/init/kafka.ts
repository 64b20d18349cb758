import type { Command } from 'commander';
import { describeError, KafkaSettingsError, type KafkaConnection } from '../../ingest/kafka/client.ts';
import { UsageError } from '../usage-error.ts';

export interface KafkaOptions {
  readonly kafka?: string;
  readonly topic?: string;
  readonly tls?: true;
  readonly tlsCaFile?: string;
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
  readonly saslMechanism?: string;
  readonly saslUsername?: string;
  readonly saslPasswordFile?: string;
  readonly saslTokenFile?: string;
}

/** Topics, and how their cluster is reached. */
export interface Topics { readonly names: readonly string[]; readonly connection: KafkaConnection }

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
const maxTopics = 20;

export function addKafkaOptions(command: Command): Command {
  return command
    .option('--kafka <brokers>', 'host:port of brokers, comma between: look at topics there; no group is joined, nothing committed')
    .option('--topic <names>', 'with --kafka: the topics, comma between. With paths too, these hold records of the one topic')
    .option('--tls', 'with --kafka: TLS, with the authorities of the system')
    .option('--tls-ca-file <file>', 'TLS, with this authority')
    .option('--tls-cert-file <file>', 'our own certificate')
    .option('--tls-key-file <file>', 'its key')
    .option('--sasl-mechanism <name>', mechanisms.join(', '))
    .option('--sasl-username <name>')
    .option('--sasl-password-file <file>')
    .option('--sasl-token-file <file>', 'for oauthbearer');
}

/** Which topics are asked for; `null`: none. Throws `UsageError`. */
export function topicsOf(options: KafkaOptions): Topics | null {
  const { kafka, topic } = options;
  if (kafka === undefined && topic === undefined) return null;
  if (kafka === undefined || topic === undefined) throw new UsageError('--kafka and --topic belong together');
  const names = listed(topic);
  if (names.length === 0 || names.length > maxTopics) throw new UsageError(`--topic takes 1 to ${maxTopics} names`);
  return { names, connection: { brokers: listed(kafka), clientId: 'tokenward', ...tlsOf(options), ...saslOf(options) } };
}

/** What went wrong with Kafka, in a line that says what to do. */
export function kafkaProblem(error: unknown): unknown {
  if (error instanceof KafkaSettingsError) return new UsageError(error.message, 'docs/kafka.md says what each message means');
  const isTheirs = error instanceof Error && error.name.startsWith('KafkaJS');
  return isTheirs ? new UsageError(`Kafka: ${describeError(error)}`, 'docs/kafka.md says what each message means') : error;
}

function tlsOf({ tls, tlsCaFile, tlsCertFile, tlsKeyFile }: KafkaOptions): Pick<KafkaConnection, 'ssl'> {
  const files = given({ caFile: tlsCaFile, certFile: tlsCertFile, keyFile: tlsKeyFile });
  return tls === undefined && Object.keys(files).length === 0 ? {} : { ssl: files };
}

function saslOf({ saslMechanism, saslUsername, saslPasswordFile, saslTokenFile }: KafkaOptions): Pick<KafkaConnection, 'sasl'> {
  const login = given({ username: saslUsername, passwordFile: saslPasswordFile, tokenFile: saslTokenFile });
  const known = `one of ${mechanisms.join(', ')}`;
  if (saslMechanism === undefined) {
    if (Object.keys(login).length > 0) throw new UsageError('--sasl-mechanism is missing', known);
    return {};
  }
  const mechanism = mechanisms.find((one) => one === saslMechanism);
  if (mechanism === undefined) throw new UsageError(`--sasl-mechanism ${saslMechanism} is not known`, known);
  return { sasl: { mechanism, ...login } };
}

/** What has a value. */
function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function listed(text: string): string[] {
  return text.split(',').map((one) => one.trim()).filter((one) => one !== '');
}
