import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { checkResponse } from '../../../src/cli/doctor/response.ts';
import { loadConfiguration, type Configuration } from '../../../src/config/configuration.ts';
import { AuditHead } from '../../../src/respond/audit-head.ts';
import { CheckpointWriter } from '../../../src/respond/checkpoints.ts';
import { readSigner } from '../../../src/respond/deny-list/document.ts';
import { openStore } from '../../../src/store/open.ts';
import { beginMs, ManualTiming } from '../../respond/support.ts';
import { makeFolder } from '../../store/support.ts';

let folder = '';
let key = '';
let secret = '';
beforeEach(() => {
  folder = makeFolder();
  key = join(folder, 'audit.key');
  secret = join(folder, 'secret');
  writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(secret, `whsec_${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
});

const checkpoints = (): string => join(folder, 'checkpoints');

function configuration(): Configuration {
  const file = join(folder, 'tokenward.yaml');
  writeFileSync(file, `respond:
  audit_checkpoints: { signing_key_file: "${key}", file: "${checkpoints()}" }
  actions: [{ name: desk, type: webhook, url: "https://desk.example", secret_file: "${secret}" }]
`);
  return loadConfiguration({ file, environment: {}, detectors: [] });
}

async function found(settings = configuration()): Promise<Record<string, string>> {
  return Object.fromEntries((await checkResponse(settings, folder, beginMs + 60_000)).map(({ subject, level, text }) => [subject, `${level}: ${text}`]));
}

test('a gateway that never said what it has, or has an older list, is told', async () => {
  const store = openStore(folder);
  const limits = { nowMs: beginMs, endedMs: 0, maxEntries: 9 };
  const denial = (intentId: string) => ({ intentId, by: 'jti', value: intentId, issuer: null, keep: null, untilMs: null }) as const;
  const numberOf = (): number => store.effects.denials.state('edge').number;
  store.effects.denials.put('edge', denial('a'), limits);
  const first = numberOf();
  store.effects.denials.hold('edge', 'late', first, beginMs);
  store.effects.denials.put('edge', denial('b'), limits);
  const second = numberOf();
  store.effects.denials.hold('edge', 'whole', second, beginMs);
  await store.close();
  const file = join(folder, 'tokenward.yaml');
  const gateways = ['whole', 'late', 'silent'].map((name) => ({ name, credentials_file: secret }));
  writeFileSync(file, JSON.stringify({ respond: { actions: [{ name: 'edge', type: 'deny_list', signing_key_file: key, gateways }] } }));
  expect(await found(loadConfiguration({ file, environment: {}, detectors: [] }))).toMatchObject({
    'gateway whole of edge': `ok: has the list as it is, ${second}`, 'gateway late of edge': `warn: has the list of number ${first}, and it is ${second} by now`,
    'gateway silent of edge': 'warn: has never said that it has the list',
  });
});

/** Three entries, known beside the store and signed. */
async function makeChain(): Promise<void> {
  const { effects, ...store } = openStore(folder);
  const audit = [1, 2, 3].map((number) => ({ timeMs: beginMs, kind: 'intent.ready', actor: 'policy', subject: `intent-${number}`, detail: {} }));
  effects.transact(() => ({ audit }));
  new AuditHead(folder, effects, new ManualTiming(), () => undefined).write();
  await new CheckpointWriter({ signer: readSigner(key), file: checkpoints(), effects, timing: new ManualTiming(), onError: () => undefined }).stop();
  await store.close();
}

test('what is in order is told as such', async () => {
  const action = 'ok: its settings, keys and secrets can be used; nobody was asked';
  expect(await found()).toEqual({ 'action desk': action });
  await makeChain();
  expect(await found()).toEqual({
    'action desk': action, audit: 'ok: 3 entries; the newest is the one that is known beside the store',
    'audit checkpoints': 'ok: the newest is of entry 3, 60 seconds ago',
  });
});

test('secrets that cannot be used, or that everybody can read, are named', async () => {
  const settings = configuration();
  chmodSync(secret, 0o644);
  expect((await found(settings))['action desk']).toBe(`warn: ${secret} can be read by others on this machine`);
  writeFileSync(secret, 'no key of ours');
  const told = (await found(settings))['action desk'];
  expect([told?.startsWith('bad: '), told?.includes('no key of ours')]).toEqual([true, false]);
});

test('a chain that lacks what was known or signed, and a switch that is on, are told', async () => {
  await makeChain();
  const head = join(folder, 'audit-head');
  writeFileSync(head, readFileSync(head, 'utf8').replace('"number":3', '"number":4'));
  writeFileSync(join(folder, 'kill-switch'), 'a storm');
  const signed = openStore(makeFolder());
  signed.effects.transact(() => ({ audit: [1, 2, 3].map(() => ({ timeMs: 0, kind: 'other', actor: 'policy', subject: 'x', detail: {} })) }));
  rmSync(checkpoints());
  expect((await found())['audit checkpoints']).toMatch(/^warn: .* holds none, and there were some$/);
  await new CheckpointWriter({ signer: readSigner(key), file: checkpoints(), effects: signed.effects, timing: new ManualTiming(), onError: () => undefined }).stop();
  await signed.close();
  expect(await found()).toMatchObject({
    audit: 'bad: the newest entry is not the one that is known beside the store: nothing is done',
    'audit checkpoints': 'bad: entry 3 is not what was signed: nothing is done',
    'kill switch': `warn: is on (${join(folder, 'kill-switch')}): nothing is done`,
  });
});
