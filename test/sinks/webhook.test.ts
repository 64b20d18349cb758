import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import type { Outcome, Sink } from '../../src/sinks/sink.ts';
import { readSigningKeys, signedHeaders } from '../../src/outbound/signature.ts';
import { classifyWebhook, webhookSink, type WebhookAnswer, type WebhookOptions, type WebhookRequest } from '../../src/sinks/webhook.ts';
import { startProxy } from '../support/receivers/proxy.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/receivers/webhook-receiver.ts';
import { makeFolder } from '../store/support.ts';
import { outgoingOf } from './support.ts';

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

function fileWith(text: string): string {
  const file = `${makeFolder()}/webhook.secret`;
  writeFileSync(file, text);
  return file;
}

interface Rig { readonly receiver: WebhookReceiver; readonly sink: Sink<WebhookRequest, WebhookAnswer> }

async function rig(part: Partial<WebhookOptions> = {}): Promise<Rig> {
  const secret = newSecret();
  const receiver = await startWebhookReceiver(secret);
  onTestFinished(() => receiver.stop());
  return { receiver, sink: webhookSink({ name: 'hook', url: receiver.url, secretFile: fileWith(`${secret}\n`), allowPrivate: true, ...part }) };
}

async function deliver({ sink }: Pick<Rig, 'sink'>, ...ids: string[]): Promise<Outcome[]> {
  const { prepared } = sink.build(ids.map((id) => outgoingOf(id, { document: { event: { id }, message: 'Schlüssel 🔑' } })));
  const signal = new AbortController().signal;
  return Promise.all(prepared.map(async ({ request, documents }) => sink.classify(documents, await sink.send(request, signal))));
}

const done = { kind: 'each', verdicts: [{ kind: 'done' }] };
const retried = (reason: string, afterMs?: number): Outcome => ({ kind: 'each', verdicts: [{ kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }] });

test('each alert is one message, signed so that another implementation finds it right', async () => {
  const it = await rig();
  expect(await deliver(it, 'a', 'b')).toEqual([done, done]);
  const bodies = it.receiver.messages.map(({ body }) => JSON.parse(body) as { type: string; timestamp: string; data: unknown });
  expect(it.receiver.messages.map(({ id, isGenuine }) => `${id} ${isGenuine}`).sort()).toEqual(['a.1 true', 'b.1 true']);
  const data = { event: { id: 'a' }, message: 'Schlüssel 🔑' };
  expect(bodies).toContainEqual({ type: 'tokenward.alert', timestamp: '2026-11-22T00:00:00.000Z', data });
});

test('over attempts the id stays and the time moves on', async () => {
  let nowMs = Date.now();
  const it = await rig({ now: () => nowMs });
  it.receiver.answer = (response) => { response.writeHead(500).end(); };
  await deliver(it, 'a');
  nowMs += 100_000;
  await deliver(it, 'a');
  const [first, second] = it.receiver.messages;
  expect([first!.isGenuine, second!.isGenuine, first!.id]).toEqual([true, true, second!.id]);
  expect(Number(second!.headers['webhook-timestamp']) - Number(first!.headers['webhook-timestamp'])).toBe(100);
  expect(second!.headers['webhook-signature']).not.toBe(first!.headers['webhook-signature']);
});

test('while a secret is changed, messages are right by the old one and by the new one', () => {
  const [fresh, old] = [newSecret(), newSecret()];
  const headers = signedHeaders('m', Math.floor(Date.now() / 1000), '{}', readSigningKeys(fileWith(`${fresh}\n${old}\n`)));
  for (const secret of [fresh, old]) expect(new Webhook(secret).verify('{}', headers)).toEqual({});
  expect(() => new Webhook(newSecret()).verify('{}', headers)).toThrow('No matching signature');
  expect(() => new Webhook(fresh).verify('{"x":1}', headers)).toThrow('No matching signature');
});

const noSecrets = ['', 'plain text', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'%'.repeat(44)}`, `${newSecret()}\nnonsense`, Array.from({ length: 5 }, newSecret).join('\n')];
test.each(noSecrets)('a file that holds no secret is named, and not quoted: %j', (text) => {
  const file = fileWith(text);
  let message = '';
  try {
    readSigningKeys(file);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toMatch(file);
  for (const line of text.split('\n')) if (line.length > 6) expect(message).not.toContain(line);
});

test('answers are sorted by what they mean', async () => {
  const verdict = (status: number): string => {
    const outcome = classifyWebhook({ kind: 'answered', status, body: '' });
    return outcome.kind === 'each' ? outcome.verdicts[0]!.kind : outcome.kind;
  };
  const table: Record<string, number[]> = {
    done: [200, 201, 202, 204, 299],
    retry: [100, 300, 301, 302, 307, 308, 408, 409, 425, 429, 500, 502, 503, 504, 599, 0],
    refused: [400, 401, 403, 404, 405, 413, 422, 451],
    stop: [410],
  };
  for (const [kind, statuses] of Object.entries(table)) expect([kind, statuses.filter((status) => verdict(status) !== kind)]).toEqual([kind, []]);
});

test('a receiver that asks for time gets it, in seconds or as a date', async () => {
  const nowMs = Date.UTC(2026, 10, 22, 7, 0, 0);
  const it = await rig({ now: () => nowMs });
  const after = async (value: string): Promise<Outcome> => {
    it.receiver.answer = (response) => { response.writeHead(429, { 'retry-after': value }).end(); };
    return (await deliver(it, 'a'))[0]!;
  };
  expect(await after('17')).toEqual(retried('http_429', 17_000));
  expect(await after('Sun, 22 Nov 2026 07:01:00 GMT')).toEqual(retried('http_429', 60_000));
  expect(await after('Sun, 22 Nov 2026 06:00:00 GMT')).toEqual(retried('http_429', 0));
  expect(await after('soon')).toEqual(retried('http_429'));
});

test('a redirect is not followed', async () => {
  const [it, other] = [await rig(), await rig()];
  it.receiver.answer = (response) => { response.writeHead(307, { location: other.receiver.url }).end(); };
  expect(await deliver(it, 'a')).toEqual([retried('http_307')]);
  expect(other.receiver.connections()).toBe(0);
});

test('a receiver that never ends its answer is cut off, and its word counts', async () => {
  const it = await rig({ timeoutMs: 60_000 });
  it.receiver.answer = (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(16_384)), 1);
    response.on('close', () => clearInterval(timer));
  };
  expect(await deliver(it, 'a')).toEqual([done]);
});

test('silence, a reset, nobody there, a name that leads nowhere: to be tried again', async () => {
  const it = await rig({ timeoutMs: 300 });
  it.receiver.answer = () => undefined;
  expect(await deliver(it, 'a')).toEqual([retried('timeout')]);
  it.receiver.answer = (response) => { response.destroy(); };
  expect(await deliver(it, 'a')).toEqual([retried('unreachable')]);
  await it.receiver.stop();
  expect(await deliver(it, 'a')).toEqual([retried('unreachable')]);
  const lost = await rig({ url: 'https://receiver.example/', resolve: () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })) });
  expect(await deliver(lost, 'a')).toEqual([retried('unresolvable')]);
  const slow = await rig({ timeoutMs: 50, url: 'https://receiver.example/', resolve: () => new Promise(() => undefined) });
  expect(await deliver(slow, 'a')).toEqual([retried('timeout')]);
});

test('through a bad network: cut, torn, silent; and through once it is fair', async () => {
  const it = await rig();
  const proxy = await startProxy(Number(new URL(it.receiver.url).port));
  onTestFinished(() => proxy.stop());
  const { sink } = await rig({ url: `http://127.0.0.1:${proxy.port}/alerts`, timeoutMs: 500 });
  const reasons: unknown[] = [];
  for (const weather of [{ kind: 'cut' }, { kind: 'torn', afterBytes: 10 }, { kind: 'silent' }] as const) {
    proxy.set(weather);
    reasons.push((await deliver({ sink }, 'a'))[0]);
  }
  expect(reasons).toEqual([retried('unreachable'), retried('unreachable'), retried('timeout')]);
  proxy.set({ kind: 'fair' });
  expect(await deliver({ sink }, 'a')).toEqual([done]);
});

test('a name is connected to where it led when it was checked, and never to a private place unasked', async () => {
  const it = await rig();
  const port = new URL(it.receiver.url).port;
  let asked = 0;
  // Public when first asked, this machine ever after: whoever looks a second time is led astray.
  const resolve = (): Promise<{ address: string; family: number }[]> => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
  const pinned = await rig({ url: `http://receiver.localhost:${port}/`, resolve });
  await deliver(pinned, 'a');
  expect([asked, it.receiver.messages[0]!.headers.host]).toEqual([1, `receiver.localhost:${port}`]);
  const strict = await rig({ url: 'https://receiver.example/', allowPrivate: false, resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
  expect(await deliver(strict, 'a')).toEqual([retried('address_not_allowed')]);
  expect(it.receiver.connections()).toBe(1);
});

test('a URL that must not be used is told before anything is sent', () => {
  const options = { name: 'hook', url: 'http://192.168.0.7/', secretFile: fileWith(newSecret()) };
  expect(() => webhookSink(options)).toThrow('the URL of sink hook must begin with https://');
  expect(() => webhookSink({ ...options, url: 'https://192.168.0.7/' })).toThrow('set `allow_private`');
});

test('who stops waits for no receiver', async () => {
  const it = await rig();
  it.receiver.answer = () => undefined;
  const abort = new AbortController();
  const { prepared } = it.sink.build([outgoingOf('a')]);
  const sent = it.sink.send(prepared[0]!.request, abort.signal);
  abort.abort();
  expect(await sent).toEqual({ kind: 'failed', reason: 'aborted' });
});
