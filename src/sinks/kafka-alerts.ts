import type { Built, Outcome, Outgoing, Sink } from './sink.ts';

export interface KafkaMessage { readonly key: string | null; readonly value: string; readonly headers: Readonly<Record<string, string>> }

export type KafkaMessages = readonly KafkaMessage[];

/** Words for what a producer could not do; `refused` and `too_large` are about the messages, the rest about the brokers. */
export type ProducerFailure = 'unreachable' | 'unauthorized' | 'topic_missing' | 'too_large' | 'refused' | 'unavailable';
export type ProducerAnswer = { readonly kind: 'sent' } | { readonly kind: 'failed'; readonly reason: ProducerFailure };

/** What this sink needs of a Kafka client. */
export interface AlertProducer {
  /** Sends all of them to one topic, acknowledged by all replicas in step, in order. Never rejects. */
  send(topic: string, messages: readonly KafkaMessage[], signal: AbortSignal): Promise<ProducerAnswer>;
  close(): Promise<void>;
}

const maxRequestBytes = 512 * 1024;
const mendMs = 60_000;

/** Alerts to a topic, keyed by identity, so that one identity's alerts stay in order. */
export function kafkaSink(name: string, producer: AlertProducer, topic = 'tokenward.alerts'): Sink<KafkaMessages, ProducerAnswer> {
  return {
    name, wants: 'told', lane: 'bulk', concurrency: 1, batchSize: 256,
    build: buildMessages,
    classify: classifyProduced,
    send: (messages, signal) => producer.send(topic, messages, signal),
    close: () => producer.close(),
  };
}

export function buildMessages(documents: readonly Outgoing[]): Built<KafkaMessages> {
  const prepared: { request: KafkaMessage[]; documents: Outgoing[] }[] = [];
  let bytes = Infinity;
  for (const document of documents) {
    const value = JSON.stringify(document.document);
    const size = Buffer.byteLength(value);
    if (bytes + size > maxRequestBytes) {
      prepared.push({ request: [], documents: [] });
      bytes = 0;
    }
    bytes += size;
    const headers = { 'content-type': 'application/json', 'message-id': document.messageId };
    prepared.at(-1)!.request.push({ key: document.identityId, value, headers });
    prepared.at(-1)!.documents.push(document);
  }
  return { prepared, unfit: [] };
}

export function classifyProduced(documents: readonly Outgoing[], answer: ProducerAnswer): Outcome {
  if (answer.kind === 'sent') return { kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) };
  const { reason } = answer;
  if (reason === 'too_large' || reason === 'refused') {
    return documents.length > 1 ? { kind: 'smaller', reason, soon: true } : { kind: 'each', verdicts: [{ kind: 'refused', reason }] };
  }
  return { kind: 'retry', reason, ...(reason === 'unauthorized' || reason === 'topic_missing' ? { afterMs: mendMs } : {}) };
}
