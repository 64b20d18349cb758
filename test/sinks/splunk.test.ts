import { expect, test } from 'vitest';
import { outboundClient } from '../../src/outbound/client.ts';
import type { Outcome, Outgoing } from '../../src/sinks/sink.ts';
import { buildSplunk, classifySplunk, splunkSink, type SplunkOptions } from '../../src/sinks/splunk.ts';
import { ocsfFaults } from '../support/siem/ocsf.ts';
import { startSplunk, type SplunkFake } from '../support/siem/splunk.ts';
import { fullAlert, hostileTexts, outgoing, startMs } from './alerts.ts';

const channel = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';

function optionsOf(fake: Pick<SplunkFake, 'url' | 'token'>, part: Partial<SplunkOptions> = {}): SplunkOptions {
  return {
    name: 'splunk', url: fake.url, token: fake.token, sourceType: 'tokenward:alert', format: 'ecs', acknowledge: false, channel, productVersion: '0.1.0',
    askEveryMs: 1, askForMs: 20, ...part,
  };
}

async function deliver(options: SplunkOptions, documents: readonly Outgoing[]): Promise<Outcome> {
  const sink = splunkSink(options, outboundClient({ urls: [options.url], allowPrivate: true }));
  const { prepared: [one] } = sink.build(documents);
  return sink.classify(one!.documents, await sink.send(one!.request, new AbortController().signal));
}

const done = (count: number): Outcome => ({ kind: 'each', verdicts: Array.from({ length: count }, () => ({ kind: 'done' })) });

test('alerts are events with the time at which they were told, the whole alert in each', async () => {
  const fake = await startSplunk(false);
  const documents = hostileTexts.map((reason, at) => outgoing(fullAlert({ id: `a${at}`, reason: reason.toWellFormed() })));
  expect(await deliver(optionsOf(fake, { index: 'security' }), documents)).toEqual(done(documents.length));
  expect(fake.faults).toEqual([]);
  expect(fake.events.map(({ event }) => event['event'])).toEqual(documents.map(({ document }) => JSON.parse(JSON.stringify(document)) as unknown));
  expect(fake.events[0]!.event).toMatchObject({ time: ((startMs + 1000) / 1000).toFixed(3), index: 'security', sourcetype: 'tokenward:alert', source: 'tokenward' });
});

test('as OCSF, if that is wanted', async () => {
  const fake = await startSplunk(false);
  expect(await deliver(optionsOf(fake, { format: 'ocsf' }), [outgoing()])).toEqual(done(1));
  expect(ocsfFaults(fake.events[0]!.event['event'] as Record<string, unknown>)).toEqual([]);
});

test('with acknowledgement only what the indexers have counts', async () => {
  const fake = await startSplunk(true);
  fake.askedBefore = 3;
  expect(await deliver(optionsOf(fake, { acknowledge: true }), [outgoing()])).toEqual(done(1));
  expect([fake.faults, fake.events[0]!.channel, fake.seen.filter((one) => one.endsWith('/ack')).length]).toEqual([[], channel, 4]);
  fake.askedBefore = 1000;
  expect(await deliver(optionsOf(fake, { acknowledge: true }), [outgoing()])).toEqual({ kind: 'retry', reason: 'not_acknowledged' });
  const plain = await startSplunk(false);
  expect(await deliver(optionsOf(plain, { acknowledge: true }), [outgoing()])).toEqual({ kind: 'retry', reason: 'no_acknowledgement' });
});

test('a wrong token, and a missing channel, are mended by people: everything waits', async () => {
  const fake = await startSplunk(true);
  expect(await deliver(optionsOf({ ...fake, token: 'wrong' }), [outgoing()])).toEqual({ kind: 'retry', reason: 'unauthorized', afterMs: 60_000 });
  expect(await deliver(optionsOf(fake), [outgoing()])).toEqual({ kind: 'retry', reason: 'channel_missing', afterMs: 60_000 });
});

test('a busy server gets time; of a batch with one bad event the good ones get through by themselves', async () => {
  const fake = await startSplunk(false);
  fake.instead.push({ status: 503, body: { text: 'Server is busy', code: 9 }, headers: { 'retry-after': '7' } });
  expect(await deliver(optionsOf(fake), [outgoing()])).toEqual({ kind: 'retry', reason: 'http_503', afterMs: 7000 });
  const bad = { kind: 'answered', answer: { kind: 'answered', status: 400, body: '{"text":"Invalid data format","code":6,"invalid-event-number":1}' } } as const;
  expect(classifySplunk([outgoing(), outgoing()], bad)).toEqual({ kind: 'smaller', reason: 'http_400', soon: true });
  expect(classifySplunk([outgoing()], bad)).toEqual({ kind: 'each', verdicts: [{ kind: 'refused', reason: 'http_400' }] });
});

test('many alerts are several requests, in order, each with its own', () => {
  const documents = Array.from({ length: 400 }, (_, at) => outgoing(fullAlert({ id: `a${at}`, reason: 'x'.repeat(1000) })));
  const { prepared, unfit } = buildSplunk(documents, optionsOf({ url: 'https://splunk.example:8088', token: 't' }));
  expect([prepared.length > 1, unfit]).toEqual([true, []]);
  expect(prepared.flatMap((one) => one.documents)).toEqual(documents);
  for (const { request } of prepared) expect(Buffer.byteLength(request)).toBeLessThanOrEqual(512 * 1024);
});
