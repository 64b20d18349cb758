import kafkajs, { type Producer } from 'kafkajs';
import { createClient, isHopeless, type KafkaConnection } from '../ingest/kafka/client.ts';
import type { AlertProducer, KafkaMessage, ProducerAnswer, ProducerFailure } from './kafka-alerts.ts';

/** A request that takes longer has failed, whatever kafkajs makes of it in the end: its own retries may go on for minutes. */
const defaultDeadlineMs = 30_000;

/** What brokers say of a request that will not get better by itself. */
const failures: Readonly<Record<string, ProducerFailure>> = {
  MESSAGE_TOO_LARGE: 'too_large',
  RECORD_LIST_TOO_LARGE: 'too_large',
  UNKNOWN_TOPIC_OR_PARTITION: 'topic_missing',
  INVALID_TOPIC_EXCEPTION: 'topic_missing',
  INVALID_RECORD: 'refused',
  INVALID_TIMESTAMP: 'refused',
};

/**
 * Producer of alerts. Nothing is connected before the first message. Each request is written at most once while its producer
 * lives; after a failure it is not known what was written, the next request starts with a new producer, and what
 * was written twice is told apart by its `message-id`.
 */
export function createKafkaProducer(connection: KafkaConnection, deadlineMs: number = defaultDeadlineMs): AlertProducer {
  const client = createClient(connection, { retries: 4 });
  let producer: Producer | null = null;

  async function connected(): Promise<Producer> {
    if (producer !== null) return producer;
    const fresh = client.producer({
      idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 2000 },
    });
    producer = fresh;
    await fresh.connect();
    return fresh;
  }

  /** A producer whose request failed would number the next ones as that one, and brokers would take them for repeats. */
  function discard(): void {
    const failed = producer;
    producer = null;
    void failed?.disconnect().catch(() => undefined);
  }

  async function send(topic: string, messages: readonly KafkaMessage[], signal: AbortSignal): Promise<ProducerAnswer> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    try {
      const sending = connected().then((ready) => ready.send({ topic, acks: -1, timeout: deadlineMs, messages: messages.map(outgoing) }));
      await Promise.race([sending, aborted(limit, sending)]);
      return { kind: 'sent' };
    } catch (error) {
      discard();
      return { kind: 'failed', reason: failureOf(error) };
    }
  }

  async function close(): Promise<void> {
    const open = producer;
    producer = null;
    await open?.disconnect().catch(() => undefined);
  }

  return { send, close };
}

function outgoing({ key, value, headers }: KafkaMessage): { key: string | null; value: string; headers: Record<string, string> } {
  return { key, value, headers: { ...headers } };
}

/** Rejects when the signal says so, if that is before `work` ends. */
function aborted(signal: AbortSignal, work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new Error('The deadline has passed.'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    const end = (): void => signal.removeEventListener('abort', abort);
    work.then(end, end);
  });
}

interface KafkaError extends Error { readonly type?: string }

/** A fixed word for what kafkajs threw; its own text is not passed on. */
function failureOf(thrown: unknown): ProducerFailure {
  const error = originOf(thrown);
  const known = error.type === undefined ? undefined : failures[error.type];
  if (known !== undefined) return known;
  if (isHopeless(error) || error.type?.endsWith('AUTHORIZATION_FAILED') === true) return 'unauthorized';
  return error.name.startsWith('KafkaJSConnection') || error.name === 'KafkaJSBrokerNotFound' ? 'unreachable' : 'unavailable';
}

/** What it was at first, before retries and wrappers. */
function originOf(thrown: unknown): KafkaError {
  let error = thrown as KafkaError;
  for (let depth = 0; depth < 5 && error.cause instanceof Error; depth++) error = error.cause;
  return error;
}
