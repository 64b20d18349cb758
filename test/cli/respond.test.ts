import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadConfiguration } from '../../src/config/configuration.ts';
import { enforcementHash } from '../../src/respond/policy-hash.ts';
import { verifyChain } from '../../src/respond/audit-chain.ts';
import { CheckpointWriter } from '../../src/respond/checkpoints.ts';
import { readSigner } from '../../src/respond/deny-list/document.ts';
import type { AuditRow } from '../../src/store/port.ts';
import { openStore } from '../../src/store/open.ts';
import { ManualTiming, proposalOf, Rig } from '../respond/support.ts';
import { alertOf, batchOf, makeFolder } from '../store/support.ts';
import { root } from '../support/source.ts';

interface Ran { readonly code: number; readonly out: string; readonly err: string }

function tokenward(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'src/main.ts'), ...args], { cwd: makeFolder() }, (error, out, err) => { resolve({ code: Number(error?.code ?? 0), out, err }); });
  });
}

/** A folder in which one intent was done, and one waits. */
async function folder(): Promise<string> {
  const dir = makeFolder();
  const rig = new Rig(openStore(dir));
  rig.propose(proposalOf('a'), proposalOf('b', { mode: 'approve' }));
  rig.start();
  await rig.timing.pass(3_000);
  await rig.stop();
  writeFileSync(join(dir, 'audit-head'), JSON.stringify(rig.store.effects.responses.auditHead()));
  rig.store.effects.setMeta('audit.head', 'kept');
  await rig.store.close();
  return dir;
}

describe('from a data folder', () => {
  test('respond list shows what is open, or all of it', async () => {
    const dir = await folder();
    const { code, out } = await tokenward('respond', 'list', '--data-dir', dir);
    expect([code, out.includes('b-0'), out.includes('a-0'), out.includes('needs_approval'), out.includes('0 of 1')]).toEqual([0, true, false, true, true]);
    const all = await tokenward('respond', 'list', '--all', '--json', '--data-dir', dir);
    expect(all.out.trim().split('\n').map((line) => (JSON.parse(line) as { state: string }).state).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['verified', 'waiting_approval']);
  });

  test('the list has each plan in its order, and says that nothing is done while the kill switch is on', async () => {
    const dir = makeFolder();
    const store = openStore(dir);
    const steps = (plan: string, severity: number) => [2, 0, 1].map((step) => proposalOf(plan, { id: `${plan}-${step}`, planId: plan, step, severity, mode: 'approve' }));
    store.effects.commit(batchOf({ proposals: [...steps('low', 47), ...steps('high', 99)] }));
    await store.close();
    const order = ({ out }: Ran): string[] => [...out.matchAll(/^((?:low|high)-\d) /gm)].map(([, id]) => id!);
    const off = await tokenward('respond', 'list', '--data-dir', dir);
    expect([order(off), off.err]).toEqual([['high-0', 'high-1', 'high-2', 'low-0', 'low-1', 'low-2'], '']);
    writeFileSync(join(dir, 'kill-switch'), 'exercise');
    expect((await tokenward('respond', 'list', '--data-dir', dir)).err).toContain('the kill switch is on');
  });

  test('audit verify says that all is in order, and exports what can be verified elsewhere', async () => {
    const dir = await folder();
    const file = join(dir, 'export.ndjson');
    expect(await tokenward('audit', 'verify', '--data-dir', dir, '--export', file)).toEqual({ code: 0, out: '', err: '5 entries, all in order\n' });
    const rows = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as AuditRow);
    expect(verifyChain(rows, null)).toEqual({ count: 5, bad: null });
  });

  test('audit verify holds the chain, or an export of it, against signed checkpoints', async () => {
    const dir = await folder();
    const [key, checkpoints, exported] = [join(dir, 'audit.key'), join(dir, 'checkpoints'), join(dir, 'export.ndjson')];
    writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const store = openStore(dir);
    await new CheckpointWriter({ signer: readSigner(key), file: checkpoints, effects: store.effects, timing: new ManualTiming(), onError: () => undefined }).stop();
    await store.close();
    const config = join(dir, 'tokenward.yaml');
    writeFileSync(config, `store: { dir: "${dir}" }\nrespond: { audit_checkpoints: { signing_key_file: "${key}", file: "${checkpoints}" } }\n`);
    const whole = '5 entries, all in order; signed checkpoints: 1, the newest of entry 5 at 2026-06-01T02:14:00.000Z\n';
    expect(await tokenward('audit', 'verify', '-c', config)).toEqual({ code: 0, out: '', err: whole });
    expect((await tokenward('audit', 'export', exported, '-c', config)).code).toBe(0);
    const given = ['--checkpoints', checkpoints, '--key', key];
    expect((await tokenward('audit', 'verify', exported, ...given)).err).toBe(whole);
    // Cut off where no head tells of it.
    writeFileSync(exported, readFileSync(exported, 'utf8').split('\n').slice(0, 3).join('\n'));
    expect((await tokenward('audit', 'verify', exported, ...given)).err).toContain('entry 4 is missing');
    writeFileSync(checkpoints, readFileSync(checkpoints, 'utf8').replace('"number":5', '"number":4'));
    expect(await tokenward('audit', 'verify', '-c', config)).toEqual({ code: 1, out: '', err: 'the checkpoint of entry 4 was not signed by the key\n' });
    writeFileSync(checkpoints, '');
    expect((await tokenward('audit', 'verify', '-c', config)).err).toBe('the checkpoint of entry 5 is missing\n');
  });

  test('audit verify names the first bad entry, also where the end was cut off', async () => {
    const dir = await folder();
    const head = readFileSync(join(dir, 'audit-head'), 'utf8');
    writeFileSync(join(dir, 'audit-head'), head.replace('"number":5', '"number":6'));
    const { code, err } = await tokenward('audit', 'verify', '--data-dir', dir);
    expect([code, err]).toEqual([1, 'entry 6 is missing: entries were cut off at the end; the 5 before it are in order\n']);
  });
});

test('respond readiness tells who may be let act, as a table and as lines of JSON', async () => {
  const dir = makeFolder();
  const store = openStore(dir);
  store.effects.commit(batchOf({ alerts: [alertOf('alert', 1)], proposals: [proposalOf('a', { mode: 'observe', incidentId: 'i1' })] }));
  await store.close();
  const { code, out } = await tokenward('respond', 'readiness', '--data-dir', dir, '--days', '7');
  expect([code, out.split('\n')[0], out.includes('not ready: watch it longer')]).toEqual([0, 'Ready is who proposed for 7 days without being wrong once.', true]);
  const { out: lines } = await tokenward('respond', 'readiness', '--data-dir', dir, '--json');
  expect(JSON.parse(lines)).toMatchObject({ verdict: 'too_early', proposed: 1, unjudged: 1 });
}, 60_000);

describe('through the running service', () => {
  test('asks with the account\'s token, and says in words why it is refused', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
        asked.push([request.method, request.url, request.headers.authorization, JSON.parse(body)]);
        const isOwn = request.url?.includes('own') ?? false;
        const said = request.url?.includes('done') === true ? { intent: { state: 'waiting_approval' } } : {};
        response.writeHead(isOwn ? 403 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(isOwn ? { error: 'own_proposal' } : said));
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    onTestFinished(() => void server.close());
    const dir = makeFolder();
    const config = join(dir, 'tokenward.yaml');
    writeFileSync(config, `server: { listen: "127.0.0.1:${(server.address() as AddressInfo).port}" }\n`);
    writeFileSync(join(dir, 'token'), 'abc\n');
    const common = ['-c', config, '--token-file', join(dir, 'token')];
    expect((await tokenward('respond', 'approve', 'x/1', ...common)).code).toBe(0);
    expect((await tokenward('respond', 'stop', '--reason', 'a storm', ...common)).code).toBe(0);
    const { code, err } = await tokenward('respond', 'undo', 'own', ...common);
    expect([code, err.includes('another person has to approve it')]).toEqual([1, true]);
    expect((await tokenward('respond', 'undo', 'done', ...common)).err).toContain('is proposed: another person confirms it');
    asked.pop();
    expect(asked).toEqual([
      ['POST', '/api/intents/x%2F1/approve', 'Bearer abc', {}], ['POST', '/api/kill-switch', 'Bearer abc', { on: true, reason: 'a storm' }],
      ['POST', '/api/intents/own/undo', 'Bearer abc', {}],
    ]);
  });

  test('agrees to a rule as the own configuration file has it', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
        asked.push([request.method, body]);
        const rules = [{ rule: 'stolen', hash: 'h', isInForce: request.method === 'POST', by: ['ann', 'bob'] }];
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ rules }));
      });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    onTestFinished(() => void server.close());
    const config = join(makeFolder(), 'tokenward.yaml');
    const secret = join(makeFolder(), 'secret');
    writeFileSync(secret, 'whsec_x\n');
    writeFileSync(config, `server: { listen: "127.0.0.1:${(server.address() as AddressInfo).port}" }
policy: [{ name: stolen, plan: [{ do: notify, by: desk }], mode: enforce }]
respond: { caps: {}, actions: [{ name: desk, type: webhook, url: "https://desk.example", secret_file: "${secret}" }] }
`);
    expect((await tokenward('respond', 'enforce', '-c', config)).out).toContain('stolen  waits for people, as with approve  ann, bob');
    expect((await tokenward('respond', 'enforce', 'stolen', '-c', config)).out).toContain('stolen  acts by itself');
    const { policy, respond } = loadConfiguration({ file: config, environment: {}, detectors: [] });
    expect((await tokenward('respond', 'enforce', 'stolen', '--withdraw', '-c', config)).code).toBe(0);
    expect((await tokenward('respond', 'enforce', '--withdraw', '-c', config)).code).toBe(2);
    expect(asked).toEqual([
      ['GET', ''], ['POST', JSON.stringify({ rule: 'stolen', seen: enforcementHash(policy, 'stolen', respond) })], ['POST', JSON.stringify({ rule: 'stolen' })]]);
  }, 60_000);

  test('wants to know what and why', async () => {
    expect((await tokenward('respond', 'approve')).code).toBe(2);
    expect((await tokenward('respond', 'go-on')).code).toBe(2);
    expect((await tokenward('respond', 'dance')).code).toBe(2);
  });
});
