import { expect, test } from 'vitest';
import { actionSchema, type ActionSection } from '../../../src/config/respond-schema.ts';
import { openActions } from '../../../src/respond/actions/index.ts';
import { makeAction } from '../../../src/respond/actions/perform.ts';
import { webhook, type WebhookActionSettings } from '../../../src/respond/actions/webhook.ts';
import { opened } from '../../store/support.ts';
import { fileWith, intentOf, keyFiles, signal } from './support.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const hook = (part: object = {}): ActionSection => actionSchema.parse({ name: 'hook', type: 'webhook', url: 'https://receiver.example/', secret_file: fileWith(secret), does: ['deny'], ...part });
const revocation = (part: object = {}): ActionSection => actionSchema.parse({
  name: 'as', type: 'oauth_revocation', issuer: 'https://as.example', revocation_endpoint: 'https://as.example/revoke', client_id: 'id', client_secret_file: fileWith('secret'), ...part,
});

function open(...sections: ActionSection[]) {
  const resolve = () => Promise.resolve([{ address: '10.0.0.1', family: 4 }]);
  return openActions(sections, { denials: opened(null).effects.denials, openToken: () => 'token', resolve });
}

test('actions go by their names, deny lists are there for the server', () => {
  const list = actionSchema.parse({ name: 'edge', type: 'deny_list', signing_key_file: keyFiles('ed25519').privateFile });
  const { actions, denyLists } = open(hook(), list, revocation());
  expect([...actions.values()].map(({ name, type, kinds }) => `${name} ${type} ${kinds.join()}`)).toEqual(['hook webhook deny', 'edge deny_list pin,deny', 'as oauth_revocation revoke']);
  expect(denyLists.map(({ name }) => name)).toEqual(['edge']);
  for (const { facts } of actions.values()) expect([facts.effect, facts.delay, facts.rights].every((text) => text.endsWith('.'))).toBe(true);
});

test.each<[string, () => ActionSection[], string]>([
  ['two of one name', () => [hook(), hook()], 'two actions are named hook'],
  ['a URL into the own network', () => [hook({ url: 'https://169.254.169.254/latest' })], 'a URL of action hook leads to a private network'],
  ['plain HTTP', () => [revocation({ introspection_endpoint: 'http://as.example/introspect' })], 'a URL of action as must begin with https://'],
  ['a secret\'s file that is empty', () => [revocation({ client_secret_file: fileWith('\n') })], 'holds no secret'],
  ['half a client that asks', () => [revocation({ introspection_endpoint: 'https://as.example/introspect', introspection_client_id: 'gateway' })],
    'action as needs the introspecting client\'s id and its secret\'s file, or neither'],
  ['no signing key', () => [hook({ secret_file: fileWith('words') })], 'must hold whsec_ and 24 to 64 bytes'],
])('%s is told at the start', (_, sections, message) => {
  expect(() => open(...sections())).toThrow(message);
});

test('a name that leads into the own network is not called, and may be mended', async () => {
  expect(await open(hook()).actions.get('hook')!.perform(intentOf(), signal)).toEqual({ kind: 'retry', reason: 'address_not_allowed' });
});

test('who stops waits for no answer', async () => {
  const abort = new AbortController();
  const pending = open(hook()).actions.get('hook')!.perform(intentOf(), abort.signal);
  abort.abort();
  expect(await pending).toEqual({ kind: 'retry', reason: 'aborted' });
});

test('a mistake of ours is a failure without words, and is not called again', async () => {
  const settings: WebhookActionSettings = { url: 'https://receiver.example/', keys: [], does: ['deny'], statusUrl: 'https://receiver.example/', exposureMs: 1 };
  const broken = makeAction(webhook, settings, { name: 'hook', openToken: null, send: () => Promise.reject(new Error('Bearer secret')) });
  expect([await broken.perform(intentOf(), signal), await broken.probe!(intentOf(), signal)]).toEqual([{ kind: 'failed', reason: 'action_error' }, 'unknown']);
});
