import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../../src/model/intent.ts';
import { open } from '../../respond/actions/providers/support.ts';
import { openRotation, Rotated } from '../../respond/actions/rotation/support.ts';
import { fileWith, intentOf, signal } from '../../respond/actions/support.ts';
import { RealPlan } from '../../support/real-plan.ts';
import { startPasswords } from '../../support/providers/rotation.ts';
import { Cluster, kubernetesPrograms } from '../../support/servers/kubernetes.ts';
import { account, furnish, namespaceOf, pod, podToken, secret, secretToken, works, type Account } from './estate.ts';

// What each action really stops at a real API server, by a service account of ours with the rights of the docs' table and no others.

describe.skipIf(kubernetesPrograms === null)('a real API server of Kubernetes, named by TEST_KUBERNETES', () => {
  let cluster: Cluster;
  const own: Partial<Record<Account, string>> = {};
  const identityId = (): string => `${cluster.issuer}|system:serviceaccount:jobs:export`;
  const step = 'revoke action';
  const revoke = { kind: 'revoke', action: 'action' } as const;

  beforeAll(async () => {
    cluster = await Cluster.start(kubernetesPrograms!);
    await furnish(cluster);
    for (const name of ['responder', 'writer', 'poor'] as const) own[name] = await cluster.accountToken(namespaceOf(name), name);
  }, 5 * 60_000);
  afterAll(() => cluster?.stop());

  const sectionOf = (call: string, listed = 'jobs/export-token', as: Account = 'responder'): object => ({
    name: 'action', type: 'kubernetes', call, api_server: cluster.url, issuer: cluster.issuer, token_file: fileWith(own[as]!), ca_file: cluster.caFile, allow_private: true,
    identities: { [identityId()]: listed },
  });
  const target = (change: Partial<Target> = {}): Partial<Target> => ({ tokenKind: 'kubernetes', issuer: cluster.issuer, identityId: identityId(), ...change });
  const alive = (...tokens: readonly string[]): Promise<boolean[]> => Promise.all(tokens.map((token) => works(cluster, token)));
  /** For ten seconds the API server keeps that a token is good. */
  const dies = (token: string): Promise<void> => cluster.until('the token is refused', async () => !await works(cluster, token));

  async function goesThrough(call: string, token: string, listed?: string): Promise<void> {
    const plan = RealPlan.open([sectionOf(call, listed)], token);
    plan.propose(target(), revoke);
    await plan.comesTo(step, 'verified');
  }

  async function again(call: string, token: string, listed?: string): Promise<string> {
    return (await open(sectionOf(call, listed), { token }).perform(intentOf({ kind: 'revoke', target: target() }), signal)).kind;
  }

  test('a pod: the token that is bound to it dies and that of another pod lives, also over a kill; doing it again does no harm', async () => {
    const [stolen, sibling] = [await podToken(cluster, 'export-1'), await podToken(cluster, 'export-2')];
    expect(await alive(stolen, sibling)).toEqual([true, true]);
    await goesThrough('pod', stolen);
    await dies(stolen);
    expect([...await alive(stolen, sibling), await again('pod', stolen)]).toEqual([false, true, 'already']);
    await cluster.kill();
    await cluster.restart();
    expect(await alive(stolen, sibling)).toEqual([false, true]);
    // One of the same name that came later is another one, and is not touched.
    await pod(cluster, 'export-1');
    expect([await again('pod', stolen), await works(cluster, stolen)]).toEqual(['already', false]);
    expect((await cluster.call('GET', '/api/v1/namespaces/jobs/pods/export-1')).status).toBe(200);
  }, 120_000);

  test('a pod that would take an hour to end has half a minute', async () => {
    const stolen = await podToken(cluster, 'slow', { nodeName: 'node-1', terminationGracePeriodSeconds: 3600 });
    const action = open(sectionOf('pod'), { token: stolen });
    const intent = intentOf({ kind: 'revoke', target: target() });
    expect([await action.perform(intent, signal), await action.probe!(intent, signal)], 'it goes on until it has ended').toEqual([{ kind: 'done' }, 'alive']);
    const { body } = await cluster.call('GET', '/api/v1/namespaces/jobs/pods/slow');
    expect((body['metadata'] as { deletionGracePeriodSeconds: number }).deletionGracePeriodSeconds).toBe(30);
  });

  test('a Secret: tokens bound to it die, those of another live', async () => {
    const [stolen, sibling] = [await secretToken(cluster, 'export-token'), await secretToken(cluster, 'other-token')];
    expect(await alive(stolen, sibling)).toEqual([true, true]);
    await goesThrough('secret', stolen);
    await dies(stolen);
    expect([...await alive(stolen, sibling), await again('secret', stolen)]).toEqual([false, true, 'already']);
  }, 60_000);

  test('a service account: all its tokens die and those of others live; one of the same name gives none of them back', async () => {
    const [one, bound, other] = [await cluster.accountToken('jobs', 'export'), await podToken(cluster, 'export-3'), await cluster.accountToken('jobs', 'report')];
    expect(await alive(one, bound, other)).toEqual([true, true, true]);
    await goesThrough('service_account', one);
    await dies(one);
    await dies(bound);
    expect([...await alive(one, bound, other), await again('service_account', one)]).toEqual([false, false, true, 'already']);
    await cluster.kill();
    await cluster.restart();
    await account(cluster, 'export');
    expect(await alive(one, bound, await cluster.accountToken('jobs', 'export'))).toEqual([false, false, true]);
  }, 60_000);

  test('who may not, is refused, and nothing is proven', async () => {
    const stolen = await podToken(cluster, 'export-4');
    const action = open(sectionOf('pod', undefined, 'poor'), { token: stolen });
    const intent = intentOf({ kind: 'revoke', target: target() });
    expect([await action.probe!(intent, signal), await action.perform(intent, signal), await works(cluster, stolen)]).toEqual(['unknown', { kind: 'failed', reason: 'http_403' }, true]);
  });

  test('what our account may do is told without acting', async () => {
    const asked = async (call: string, as: Account): Promise<string> => {
      const found = await open(sectionOf(call, 'jobs/database', as), { token: 'a.b.c' }).rights!.ask(AbortSignal.timeout(20_000));
      return found.map(({ right, granted }) => `${right}: ${granted}`).join(', ');
    };
    expect(await asked('pod', 'responder')).toBe('delete on pods: granted, create on tokenreviews: granted');
    expect(await asked('secret', 'writer')).toBe('delete on secrets jobs/database: missing, get on secrets jobs/database: granted');
    expect(await asked('service_account', 'poor')).toBe('delete on serviceaccounts: missing, get on serviceaccounts: missing');
    own.poor = `${own.poor!.slice(0, -8)}AAAAAAAA`;
    expect(await asked('service_account', 'poor')).toBe('delete on serviceaccounts: refused, get on serviceaccounts: refused');
  });

  test('our own token that has ended: the one that a kubelet wrote in its place is shown', async () => {
    const file = fileWith('ended');
    const action = open({ ...sectionOf('secret', 'jobs/absent'), token_file: file });
    const intent = intentOf({ kind: 'revoke', target: target() });
    const before = await action.perform(intent, signal);
    writeFileSync(file, own.responder!);
    expect([before, await action.perform(intent, signal)]).toEqual([{ kind: 'failed', reason: 'http_401' }, { kind: 'already' }]);
  });

  test('whose our token is, it says itself; of any other the cluster is asked', async () => {
    const asked = async (token: string): Promise<unknown> => open({ ...sectionOf('pod'), token_file: fileWith(token) }, { token: 'a.b.c' }).ownNames!(AbortSignal.timeout(20_000));
    expect(await asked(own.responder!)).toEqual({ names: [{ name: 'system:serviceaccount:tokenward:responder', issuer: cluster.issuer }], why: null });
    expect(await asked('administrator')).toEqual({ names: [{ name: 'administrator', issuer: cluster.issuer }], why: null });
    expect(await asked('ended')).toEqual({ names: [], why: 'refused' });
  });

  test('a Secret as a store of a rotation: written beside the former value, and put back, or tidied at the cut', async () => {
    const [id, old] = ['https://sts.windows.net/t/|export', '55555555-aaaa-4bbb-8ccc-000000000005'];
    await secret(cluster, 'database', { id: old, password: 'old', ca: 'pem' });
    const read = async (): Promise<object> => {
      const { body } = await cluster.call('GET', '/api/v1/namespaces/jobs/secrets/database');
      const { annotations = {} } = body['metadata'] as { annotations?: object };
      return { ...annotations, ...Object.fromEntries(Object.entries(body['data'] as Record<string, string>).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])) };
    };
    const graph = await startPasswords('ours', old);
    const start = (): Rotated => new Rotated(openRotation({
      ca_file: cluster.caFile,
      credential: {
        type: 'entra_password', tenant_id: 't', login_url: graph.url, graph_url: `${graph.url}/v1.0`, client_id: 'ours', client_secret_file: fileWith('ours'),
        identities: { [id]: 'app-1' },
      },
      stores: [{ type: 'kubernetes_secret', api_server: cluster.url, token_file: fileWith(own.writer!), secrets: { [id]: 'jobs/database' }, id_field: 'id', secret_field: 'password' }],
    }), { issuer: 'https://sts.windows.net/t/', identityId: id, tokenKind: 'api_key', handle: old });
    const before = await read();
    const first = start();
    expect((await first.action.rights!.ask(AbortSignal.timeout(20_000))).filter(({ right }) => right.includes('secrets')).map(({ granted }) => granted)).toEqual(['granted', 'granted']);
    expect(await first.handOver()).toEqual({ kind: 'done' });
    expect(await read()).toMatchObject({ id: first.handover.made, password: graph.handedOut[0], ca: 'pem', 'tokenward-former.id': old, 'tokenward-former.password': 'old' });
    expect([await first.undo(), await read()]).toEqual([{ kind: 'done' }, before]);
    const second = start();
    expect(await second.handOver()).toEqual({ kind: 'done' });
    expect([await second.cut(), await read()]).toEqual([{ kind: 'done' }, { id: second.handover.made, password: graph.handedOut[1], ca: 'pem' }]);
    expect([await second.cut(), graph.faults]).toEqual([{ kind: 'already' }, []]);
  });
});
