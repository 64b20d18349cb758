import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Target } from '../../../src/model/intent.ts';
import { open } from '../../respond/actions/providers/support.ts';
import { signal } from '../../respond/actions/support.ts';
import { makeCertificates } from '../../support/providers/spire-certificates.ts';
import { RealPlan } from '../../support/real-plan.ts';
import { Spire, spirePrograms } from '../../support/servers/spire.ts';

const [workload, sibling] = ['/ns/jobs/sa/export', '/ns/jobs/sa/report'];
const revoke = { kind: 'revoke', action: 'spire' } as const;
const step = 'revoke spire';
/** Agents ask for changes every 5 s. */
const patience = { timeout: 30_000, interval: 200 };

describe.skipIf(spirePrograms === null)('a real SPIRE, named by TEST_SPIRE', () => {
  let spire: Spire;
  let agent: string;
  let remove: () => void;

  beforeAll(async () => {
    const machines = makeCertificates('machines.example', '/machine-1');
    remove = machines.remove;
    spire = await Spire.start(spirePrograms!, machines.server, machines.bundleFile);
    [agent = ''] = Object.keys(await spire.agents());
    for (const path of [workload, sibling]) await spire.createEntry({ path, parent: agent });
    await vi.waitFor(async () => expect(await Promise.all([spire.jwt(workload), spire.jwt(sibling)])).not.toContain(null), patience);
  }, 120_000);
  afterAll(async () => {
    await spire?.stop();
    remove?.();
  });

  const planOf = (section: object): RealPlan => RealPlan.open([{
    name: 'spire', type: 'spire', trust_domain: spire.domain, issuer: spire.issuer, address: spire.socket, exposure: '2s', ...section,
  }]);

  /** As a gateway's log tells of a JWT-SVID. */
  function stolen(token: string): Partial<Target> {
    const { iss, sub } = decodeJwt(token);
    return { tokenKind: 'jwt', issuer: iss!, userId: sub!, identityId: `${iss}|${sub}` };
  }

  /** By a service that checks the token by itself. */
  const works = async (token: string): Promise<boolean> => jwtVerify(token, createLocalJWKSet(await spire.jwks()), { audience: 'orders' })
    .then(() => true, () => false);

  test('an entry: no new SVIDs, the old one goes on until it expires, siblings go on; over a kill; and back as it was', async () => {
    const token = (await spire.jwt(workload))!;
    const before = await spire.entries(workload);
    const plan = planOf({ call: 'entry' });
    plan.propose(stolen(token), revoke);
    await plan.comesTo(step, 'verified');
    expect(await spire.entries(workload)).toEqual([]);
    await expect.poll(() => spire.jwt(workload), patience).toBeNull();
    expect([await works(token), await spire.jwt(sibling) !== null]).toEqual([true, true]);
    await spire.killServer();
    await spire.startServer();
    expect([await spire.entries(workload), (await spire.entries(sibling)).length]).toEqual([[], 1]);
    await plan.takeBack(step);
    const [{ created_at: _created, ...after }, former] = [(await spire.entries(workload))[0]!, before[0]!];
    expect({ ...after, created_at: former['created_at'] }).toEqual(former);
    await expect.poll(() => spire.jwt(workload), patience).not.toBeNull();
  }, 120_000);

  test('two entries of one identity are left alone, unless all are meant; an administrator\'s too', async () => {
    const second = await spire.createEntry({ path: workload, parent: agent, selector: 'unix:uid:4711' });
    const token = (await spire.jwt(workload))!;
    const refused = planOf({ call: 'entry' });
    refused.propose(stolen(token), revoke);
    await refused.comesTo(step, 'failed');
    expect([refused.stands(step), (await spire.entries(workload)).length]).toEqual(['failed: ambiguous', 2]);
    const meant = planOf({ call: 'entry', all_entries: true });
    meant.propose(stolen(token), revoke);
    await meant.comesTo(step, 'verified');
    expect(await spire.entries(workload)).toEqual([]);
    await meant.takeBack(step);
    expect((await spire.entries(workload)).map(({ id }) => id)).toContain(second);
    await spire.server('entry', 'delete', '-entryID', second);

    await spire.createEntry({ path: '/ns/soc/sa/admin', parent: agent, isAdmin: true });
    const admin = planOf({ call: 'entry' });
    const id = spire.idOf('/ns/soc/sa/admin');
    admin.propose({ tokenKind: 'jwt', issuer: spire.issuer, userId: id, identityId: `${spire.issuer}|${id}` }, revoke);
    await admin.comesTo(step, 'failed');
    expect([admin.stands(step), (await spire.entries('/ns/soc/sa/admin')).length]).toEqual(['failed: privileged_entry', 1]);
  }, 60_000);

  test('over TLS: an administrator\'s X509-SVID is let, another\'s is not', async () => {
    await spire.createEntry({ path: '/ns/soc/sa/tokenward', parent: agent, isAdmin: true });
    const shown = async (path: string): Promise<object> => {
      const folder = await spire.mint(path);
      return { certificate_file: join(folder, 'svid.pem'), key_file: join(folder, 'key.pem'), bundle_file: join(folder, 'bundle.pem'), address: spire.address };
    };
    const [ours, other] = [await shown('/ns/soc/sa/tokenward'), await shown('/ns/jobs/sa/unknown')];
    const rights = async (section: object, domain = spire.domain): Promise<unknown> =>
      (await open({ type: 'spire', call: 'entry', trust_domain: domain, ...section }).rights!.ask(signal)).map(({ granted }) => granted);
    await expect.poll(() => rights(ours), patience).toEqual(['granted']);
    expect([await rights(other), await rights(ours, 'other.example')]).toEqual([['missing'], ['refused']]);
    const token = (await spire.jwt(sibling))!;
    const plan = planOf({ call: 'entry', allow_private: true, ...ours });
    plan.propose(stolen(token), revoke);
    await plan.comesTo(step, 'verified');
    expect(await spire.entries(sibling)).toEqual([]);
    await plan.takeBack(step);
    await expect.poll(() => spire.jwt(sibling), patience).not.toBeNull();
  }, 120_000);

  test('an agent: banned, it and all on its machine get nothing, and it is not let in again; lifted, it attests anew', async () => {
    const token = (await spire.jwt(workload))!;
    const target = stolen(token);
    const plan = planOf({ call: 'agent', identities: { [target.identityId!]: agent } });
    plan.propose(target, revoke);
    await plan.comesTo(step, 'verified');
    expect(await spire.agents()).toEqual({ [agent]: true });
    await expect.poll(() => Promise.all([spire.jwt(workload), spire.jwt(sibling)]), patience).toEqual([null, null]);
    expect(await works(token)).toBe(true);
    await spire.stopAgent();
    await expect(spire.startAgent()).rejects.toThrow('ended while starting');
    await plan.takeBack(step);
    expect(await spire.agents()).toEqual({});
    await spire.startAgent();
    expect(await spire.agents()).toEqual({ [agent]: false });
    await expect.poll(() => Promise.all([spire.jwt(workload), spire.jwt(sibling)]), patience).not.toContain(null);
  }, 120_000);
});
