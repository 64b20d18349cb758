import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import type { Intent } from '../../src/model/intent.ts';
import { verifyChain } from '../../src/respond/audit-chain.ts';
import { readHead } from '../../src/respond/audit-head.ts';
import { CheckpointWriter, readCheckpoints, readVerifier } from '../../src/respond/checkpoints.ts';
import { readSigner } from '../../src/respond/deny-list/document.ts';
import { intentsOf } from '../../src/respond/told.ts';
import { makeActions } from '../../src/service/actions.ts';
import { systemTiming } from '../../src/service/clock.ts';
import { createLog } from '../../src/service/log.ts';
import { Metrics } from '../../src/service/metrics.ts';
import { makeResponse, type Response } from '../../src/service/response.ts';
import { Service } from '../../src/service/service.ts';
import { configure, temporaryFolder } from '../end-to-end/support.ts';
import { companyWithThefts } from '../support/logs/thefts.ts';
import { MemorySource } from './memory-source.ts';
import { silent, steppingClock, unasked, unchanging } from './support.ts';

const company = companyWithThefts({ seed: 5, services: 4, days: 10, callsADay: 12, thefts: 1, stolenCalls: 40 });
const feeds = [{ name: 'gateway/0', lines: company.gateway }, { name: 'realm/0', lines: company.realm }, { name: 'cloud/0', lines: company.cloud }];
const total = feeds.reduce((sum, { lines }) => sum + lines.length, 0);
const receivedMs = Date.UTC(2026, 5, 1);

interface Life { readonly assembly: Assembly; readonly response: Response; readonly metrics: Metrics; readonly log: string[]; hasRead(): boolean; end(): Promise<void> }

function begin(dataDir: string): Life {
  const keyFile = join(dataDir, 'deny.key');
  if (!existsSync(keyFile)) writeFileSync(keyFile, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const configuration = configure(`policy:
  - { name: stolen, match: {}, plan: [{ do: deny, by: gateways }], mode: approve }
respond:
  max_dependents: 100
  audit_checkpoints: { signing_key_file: ${keyFile}, file: ${join(dataDir, 'checkpoints')} }
  actions:
    - { name: gateways, type: deny_list, signing_key_file: ${keyFile}, file: ${join(dataDir, 'deny.jws')}, by: [jti, sha256, subject, client] }
`);
  const log: string[] = [];
  const metrics = new Metrics();
  const assembly = assemble({ configuration, dataDir, format: null, onEvent: () => undefined, warn: () => undefined });
  const response = makeResponse({
    configuration, assembly, actions: makeActions(configuration, assembly).actions, timing: systemTiming, metrics,
    log: createLog({ write: (line) => { log.push(line); } }), wakeEngine: () => undefined,
  });
  let taken = 0;
  const source = new MemorySource(feeds, () => 40, receivedMs);
  const service = new Service({
    loop: assembly.loop, effects: assembly.effects, positions: assembly.positions, normalizer: assembly.normalizer, sources: [source],
    clock: steppingClock(receivedMs, 3), observer: {
      ...silent, committed: response.wake, taken: (_, { events, ignored, refusals }) => { taken += events.length + ignored + refusals.length; },
    }, isFull: () => false, settings: unchanging, restarts: unasked,
    commands: response.commands, checkpointEveryMs: 2_000,
  });
  const running = service.run();
  const acting = response.start();
  let hasEnded = false;
  const end = async (): Promise<void> => {
    if (hasEnded) return;
    hasEnded = true;
    service.stop();
    await Promise.all([running, response.stop(1_000)]);
    await acting;
    await assembly.store.close();
  };
  onTestFinished(end);
  return { assembly, response, metrics, log, end, hasRead: () => taken === total };
}

async function until<T>(probe: () => T | undefined | false): Promise<T> {
  for (let time = 0; ; time++) {
    const found = probe();
    if (time > 1_500) throw new Error(`never: ${probe.toString()}`);
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

test('a theft in the logs becomes an entry of the deny list once somebody agreed; a false alarm is taken back by two people', async () => {
  const folder = temporaryFolder();
  const { assembly: { store: { effects } }, response: { desk }, metrics, response, hasRead, end } = begin(folder);
  const isAt = (state: Intent['state'], id?: string) => (): Intent | undefined => effects.responses.intents({ states: [state] }).find((intent) => id === undefined || intent.id === id);
  await until(hasRead);
  const { id, alertId } = await until(isAt('waiting_approval'));
  expect(desk.approve(id, 'ann')).toEqual({ ok: true });
  await until(() => ['accepted', 'verified', 'unknown'].includes(effects.responses.intent(id)!.state));
  expect(effects.denials.entries('gateways').map((entry) => entry.intentId)).toEqual([id]);
  // Its document tells so: the engine has amended the alert.
  const amended = await until(() => {
    const alert = effects.alert(alertId)!;
    return effects.responses.pendingCommands().length === 0 && alert.version > 1 && alert;
  });
  expect(intentsOf(amended, effects.responses).map((intent) => intent.id)).toContain(id);

  // While another alert still means the token, what was done stays.
  const { token } = effects.responses.intent(id)!.target;
  for (const alert of effects.incident(amended.incidentId)!.alertIds.filter((one) => effects.alert(one)!.tokens.includes(token))) {
    expect([effects.responses.intent(id)!.undoing, desk.close(alert, 'false_alarm', 'ann')]).toEqual([false, { ok: true }]);
    await until(() => effects.alert(alert)!.status === 'closed');
  }
  await until(isAt('waiting_approval', id));
  expect(desk.approve(id, 'ann')).toEqual({ ok: false, reason: 'own_proposal' });
  expect(desk.undo(id, 'bob')).toEqual({ ok: true });
  await until(isAt('undone', id));
  expect(effects.denials.entries('gateways').filter((entry) => entry.intentId === id)).toEqual([]);

  response.gather();
  expect(await metrics.text()).toMatch(/tokenward_intents\{state="undone"\} 1\n/);
  await end();
  const { effects: stored } = (await import('../../src/store/open.ts')).openStore(folder, { readOnly: true });
  const { marks } = await readCheckpoints(join(folder, 'checkpoints'), readVerifier(join(folder, 'deny.key')));
  expect(marks.has(stored.responses.auditHead()!.number)).toBe(true);
  expect(verifyChain(stored.responses.auditRows(), readHead(folder, stored), marks).bad).toBe(null);
  stored.close();
}, 20_000);

test('with a chain that lacks its end nothing is done, and the file that tells of it stays', async () => {
  const folder = temporaryFolder();
  const first = begin(folder);
  await until(() => first.assembly.store.effects.responses.auditHead() ?? undefined);
  await first.end();
  const lost = `${JSON.stringify({ number: 1_000, hash: '0'.repeat(64) })}\n`;
  writeFileSync(join(folder, 'audit-head'), lost);
  const { assembly: { store: { effects } }, response: { desk }, log, end } = begin(folder);
  expect(log.join('')).toContain('page_audit_broken');
  const waiting = effects.responses.intents({ states: ['waiting_approval'] })[0]!;
  desk.approve(waiting.id, 'ann');
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  expect([effects.responses.intent(waiting.id)!.state, effects.denials.entries('gateways')]).toEqual(['ready', []]);
  await end();
  expect(readHead(folder, effects as never)).toEqual(JSON.parse(lost));
}, 20_000);

test('with a chain that is not the one that was signed nothing is done, though its own hashes and its head agree', async () => {
  const folder = temporaryFolder();
  const first = begin(folder);
  await until(() => first.assembly.store.effects.responses.auditHead() ?? undefined);
  await first.end();
  const other = { getMeta: () => null, setMeta: () => undefined, responses: { auditHead: () => ({ number: 1, hash: 'f'.repeat(64) }) } } as never;
  const signer = readSigner(join(folder, 'deny.key'));
  await new CheckpointWriter({ signer, file: join(folder, 'checkpoints'), effects: other, timing: systemTiming, onError: () => undefined }).stop();
  expect(begin(folder).log.join('')).toContain('page_audit_broken');
}, 20_000);

test('a rule that a reload makes enforce acts by itself only once two people have agreed to it as it stands', async () => {
  const { assembly: { decisions, store: { effects } }, response, response: { desk }, hasRead, log } = begin(temporaryFolder());
  await until(hasRead);
  const enforcing = decisions.policy.rules.map((rule) => ({ ...rule, mode: 'enforce' as const }));
  decisions.change({ policy: enforcing, neverRevoke: [], exceptions: [] });
  response.tellWaiting(enforcing);
  expect(log.some((line) => line.includes('enforcement_waits') && line.includes('"count":1'))).toBe(true);
  const [waiting] = desk.enforced();
  expect(waiting).toMatchObject({ rule: 'stolen', by: [], isInForce: false });
  expect([desk.agree('stolen', 'ann', waiting!.hash), desk.agree('stolen', 'ann', waiting!.hash)]).toEqual([{ ok: true }, { ok: false, reason: 'already_approved' }]);
  expect(desk.enforced()[0]?.isInForce).toBe(false);
  expect(desk.agree('stolen', 'bob', waiting!.hash)).toEqual({ ok: true });
  expect(desk.enforced()[0]).toMatchObject({ isInForce: true, by: ['ann', 'bob'] });
  decisions.change({ policy: [{ ...enforcing[0]!, name: 'stolen', plan: [] }, ...enforcing], neverRevoke: [], exceptions: [] });
  expect(desk.enforced()[0], 'a rule before it was put in').toMatchObject({ isInForce: false });
  expect([...effects.responses.audit()].map(({ kind }) => kind).filter((kind) => kind.startsWith('policy.'))).toEqual(['policy.agreed', 'policy.refused_to', 'policy.enforced']);
}, 60_000);
