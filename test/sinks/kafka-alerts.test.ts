import { expect, test } from 'vitest';
import { buildMessages, classifyProduced, kafkaSink, type AlertProducer, type KafkaMessage, type ProducerAnswer } from '../../src/sinks/kafka-alerts.ts';
import { outgoingOf } from './support.ts';

test('a message is the document, keyed by identity, and says what it is', () => {
  const { prepared } = buildMessages([outgoingOf('a'), outgoingOf('b', { identityId: null })]);
  expect(prepared.map(({ request }) => request)).toEqual([[
    { key: 'client-7', value: '{"id":"a"}', headers: { 'content-type': 'application/json', 'message-id': 'a.1' } },
    { key: null, value: '{"id":"b"}', headers: { 'content-type': 'application/json', 'message-id': 'b.1' } },
  ]]);
});

test('requests stay below what brokers take', () => {
  const documents = Array.from({ length: 10 }, (_, i) => outgoingOf(`a${i}`, { document: { text: 'ä'.repeat(100_000) } }));
  const { prepared } = buildMessages(documents);
  expect(prepared.map(({ request }) => request.length)).toEqual([2, 2, 2, 2, 2]);
  expect(prepared.flatMap((one) => one.documents)).toEqual(documents);
});

test('what a producer could not do is about the brokers or about the messages', () => {
  const [one, two] = [[outgoingOf('a')], [outgoingOf('a'), outgoingOf('b')]];
  expect(classifyProduced(two, { kind: 'sent' })).toEqual({ kind: 'each', verdicts: [{ kind: 'done' }, { kind: 'done' }] });
  expect(classifyProduced(two, { kind: 'failed', reason: 'unreachable' })).toEqual({ kind: 'retry', reason: 'unreachable' });
  expect(classifyProduced(two, { kind: 'failed', reason: 'unauthorized' })).toEqual({ kind: 'retry', reason: 'unauthorized', afterMs: 60_000 });
  expect(classifyProduced(two, { kind: 'failed', reason: 'too_large' })).toEqual({ kind: 'smaller', reason: 'too_large', soon: true });
  expect(classifyProduced(one, { kind: 'failed', reason: 'too_large' })).toEqual({ kind: 'each', verdicts: [{ kind: 'refused', reason: 'too_large' }] });
});

test('the sink hands messages and topic to the producer', async () => {
  const sent: [string, readonly KafkaMessage[]][] = [];
  const producer: AlertProducer = {
    send: (topic, messages): Promise<ProducerAnswer> => {
      sent.push([topic, messages]);
      return Promise.resolve({ kind: 'sent' });
    },
    close: () => Promise.resolve(),
  };
  const { prepared: [prepared] } = kafkaSink('k', producer).build([outgoingOf('a')]);
  await kafkaSink('k', producer).send(prepared!.request, new AbortController().signal);
  expect(sent).toEqual([['tokenward.alerts', prepared!.request]]);
});
