import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { actionSchema, type SectionOf } from '../../../src/config/respond-schema.ts';
import { openActions } from '../../../src/respond/actions/index.ts';
import type { Action } from '../../../src/respond/port.ts';
import { makeFolder, opened } from '../../store/support.ts';
import { startDocumentedReceiver, type DocumentedReceiver } from '../../support/receivers/documented-receiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/receivers/webhook-receiver.ts';
import { fileWith, intentOf, signal, targetOf } from './support.ts';

const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

function actionFor(settings: Partial<SectionOf<'webhook'>> & { readonly url: string }, secret: string, now: () => number = Date.now): Action {
  const section = actionSchema.parse({ name: 'holder', type: 'webhook', secret_file: fileWith(secret), does: ['pin', 'deny', 'revoke', 'notify'], allow_private: true, ...settings });
  return openActions([section], { denials: opened(null).effects.denials, openToken: null, now }).actions.get('holder')!;
}

async function rig(now?: () => number): Promise<{ receiver: WebhookReceiver; action: Action }> {
  const secret = newSecret();
  const receiver = await startWebhookReceiver(secret);
  onTestFinished(() => receiver.stop());
  return { receiver, action: actionFor({ url: receiver.url, status_url: receiver.url }, secret, now) };
}

describe('the message', () => {
  test('who is told hears how to say that it was he, and nothing in it says so by itself', async () => {
    const { receiver, action } = await rig();
    expect(await action.perform(intentOf({ kind: 'notify' }), signal)).toEqual({ kind: 'done' });
    const { data } = JSON.parse(receiver.messages[0]!.body) as { data: { answers: { it_was_me: Record<string, unknown> } } };
    expect(data.answers.it_was_me).toEqual({ command: 'tokenward respond claim alert --reason TEXT', api: 'POST /api/alerts/alert/claim', body: { text: '…' } });
    expect(JSON.stringify(data.answers)).not.toContain('http');
  });

  test('names exactly one token by public ids, and is genuine by another implementation', async () => {
    const { receiver, action } = await rig();
    const intent = intentOf({ kind: 'pin', keepNetworks: ['10.0.0.0/8'], keepWorkloads: ['spiffe://example/calculator'], target: { expiresAtMs: Date.UTC(2027, 4, 22) } });
    expect(await action.perform(intent, signal)).toEqual({ kind: 'done' });
    const [message] = receiver.messages;
    expect([message!.id, message!.isGenuine]).toEqual([intent.id, true]);
    expect(JSON.parse(message!.body)).toEqual({
      type: 'tokenward.token.pin', timestamp: '2026-11-22T02:14:00.000Z',
      data: {
        operation: 'do', step: 'pin', intent: intent.id, incident: 'incident', alert: 'alert', severity: 73, rule: 'stolen-token', reason: 'It is used from elsewhere.',
        token: {
          fingerprint: 'k.AAAAAAAAAAAAAAAAAAAAAA', kind: 'jwt', handle: 'jti-1', issuer: 'https://login.example', subject: 'calculator', client: 'calculator',
          expires_at: '2027-05-22T00:00:00.000Z',
        },
        keep: { networks: ['10.0.0.0/8'], workloads: ['spiffe://example/calculator'] },
      },
    });
  });

  test('over attempts id and body stay, the time moves on; the undo is another message', async () => {
    let nowMs = Date.now();
    const { receiver, action } = await rig(() => nowMs);
    receiver.answer = (response) => { response.writeHead(503, { 'retry-after': '30' }).end(); };
    expect(await action.perform(intentOf(), signal)).toEqual({ kind: 'retry', reason: 'http_503', afterMs: 30_000 });
    receiver.answer = (response) => { response.writeHead(202).end(); };
    nowMs += 60_000;
    expect(await action.perform(intentOf(), signal)).toEqual({ kind: 'done' });
    expect(await action.undo!(intentOf({ undoing: true }), signal)).toEqual({ kind: 'done' });
    const [first, second, undo] = receiver.messages;
    expect([second!.id, second!.body]).toEqual([first!.id, first!.body]);
    expect(Number(second!.headers['webhook-timestamp']) - Number(first!.headers['webhook-timestamp'])).toBe(60);
    expect([undo!.id, (JSON.parse(undo!.body) as { data: { operation: string } }).data.operation, undo!.isGenuine]).toEqual([`${first!.id}-undo`, 'undo', true]);
  });

  test('whoever can be named by no public id can only be told of', async () => {
    const { action } = await rig();
    const nameless = targetOf({ handle: null });
    expect([action.fits(nameless, 'revoke'), action.fits(nameless, 'notify'), action.fits({ ...nameless, sha256: 'ab' }, 'deny')]).toEqual(['no_public_id', null, null]);
    expect(await action.perform(intentOf({ target: { handle: null } }), signal)).toEqual({ kind: 'failed', reason: 'no_public_id' });
  });

  test.each<[number, object]>([
    [200, { kind: 'done' }], [307, { kind: 'failed', reason: 'http_307' }], [404, { kind: 'failed', reason: 'http_404' }], [409, { kind: 'retry', reason: 'http_409' }],
    [410, { kind: 'failed', reason: 'gone' }], [429, { kind: 'retry', reason: 'http_429' }], [500, { kind: 'retry', reason: 'http_500' }],
  ])('an answer of %s', async (status, verdict) => {
    const { receiver, action } = await rig();
    receiver.answer = (response) => { response.writeHead(status, { location: 'https://elsewhere.example/' }).end(); };
    expect(await action.perform(intentOf(), signal)).toEqual(verdict);
  });
});

describe('the status question', () => {
  test.each<[string, string]>([['{"active":true}', 'alive'], ['{"active":false}', 'dead'], ['{}', 'unknown'], ['', 'unknown']])('%s', async (body, liveness) => {
    const { receiver, action } = await rig();
    receiver.answer = (response) => { response.end(body); };
    expect(await action.probe!(intentOf(), signal)).toBe(liveness);
    expect(receiver.messages[0]!.isGenuine).toBe(true);
  });

  test('without a URL for it nobody is asked', async () => {
    expect(actionFor({ url: 'https://receiver.example/' }, newSecret()).probe).toBeNull();
  });
});

describe('the receiver of the documentation', () => {
  const secret = newSecret();

  async function start(denyFile = `${makeFolder()}/denied.txt`): Promise<{ receiver: DocumentedReceiver; action: Action; denyFile: string }> {
    const receiver = await startDocumentedReceiver({ folder: makeFolder(), secrets: `${newSecret()}\n${secret}\n`, denyFile });
    onTestFinished(() => receiver.stop());
    return { receiver, action: actionFor({ url: receiver.url, status_url: receiver.url }, secret), denyFile };
  }

  /** As anybody could send it. */
  async function post(url: string, id: string, body: string, part: { readonly by?: string; readonly at?: Date; readonly sent?: string } = {}): Promise<number> {
    const at = part.at ?? new Date();
    const signature = new Webhook(part.by ?? secret).sign(id, at, body);
    const headers = { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)), 'webhook-signature': `v1a,AAAA ${signature}` };
    return (await fetch(url, { method: 'POST', headers, body: part.sent ?? body })).status;
  }

  test('denies, proves it, takes it back; the file survives it', async () => {
    const { receiver, action, denyFile } = await start();
    const intent = intentOf();
    expect(await action.probe!(intent, signal)).toBe('alive');
    expect(await action.perform(intent, signal)).toEqual({ kind: 'done' });
    expect([await action.probe!(intent, signal), receiver.denied()]).toEqual(['dead', ['jti-1']]);
    await receiver.stop();
    const again = await start(denyFile);
    expect(await again.action.probe!(intent, signal)).toBe('dead');
    expect(await again.action.undo!(intent, signal)).toEqual({ kind: 'done' });
    expect([await again.action.probe!(intent, signal), again.receiver.denied()]).toEqual(['alive', []]);
  });

  test('each message is done once: an old "do" that comes late undoes no undo', async () => {
    const { receiver, action } = await start();
    await action.perform(intentOf(), signal);
    await action.undo!(intentOf(), signal);
    expect(await action.perform(intentOf(), signal)).toEqual({ kind: 'done' });
    expect(receiver.denied()).toEqual([]);
  });

  test('nothing is done for messages that are forged, changed or old', async () => {
    const { receiver } = await start();
    const body = JSON.stringify({ type: 'tokenward.token.deny', data: { operation: 'do', token: { handle: 'victim' } } });
    const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
    expect([
      await post(receiver.url, 'a', body, { by: newSecret() }), await post(receiver.url, 'b', body, { sent: body.replace('victim', 'other') }),
      await post(receiver.url, 'c', body, { at: minutesAgo(6) }), await post(receiver.url, 'd', body, { at: minutesAgo(-6) }),
      (await fetch(receiver.url, { method: 'POST', body })).status, (await fetch(receiver.url)).status,
      await post(receiver.url, 'e', '{"type":'), await post(receiver.url, 'f', body.replace('victim', 'two\\nlines')), await post(receiver.url, 'g', body.replace('.deny', '.pin')),
    ]).toEqual([401, 401, 401, 401, 401, 405, 400, 422, 422]);
    expect(await post(receiver.url, 'h', body)).toBe(200);
    expect(receiver.denied()).toEqual(['victim']);
  });
});
