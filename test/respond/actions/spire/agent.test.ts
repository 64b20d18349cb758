import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { domain, node, startSpire, type FakeSpire } from '../../../support/providers/spire.ts';
import { targetOf } from '../support.ts';
import { issuer, openAt, Step, stolen } from './support.ts';

async function start(): Promise<{ readonly fake: FakeSpire; readonly step: Step }> {
  const fake = await startSpire();
  for (const path of [node, '/spire/agent/join_token/node-2']) fake.agents.set(path, { attestation_type: 'join_token', banned: false, can_reattest: false });
  const section = { call: 'agent', identities: { [stolen.identityId!]: `spiffe://${domain}${node}` } };
  return { fake, step: new Step(openAt(fake, section), stolen) };
}

const banned = ({ agents }: FakeSpire): string[] => [...agents].filter(([, agent]) => agent.banned).map(([path]) => path);

test('the named agent is banned, others are not; lifted, it is unknown until it attests again', async () => {
  const { fake, step } = await start();
  expect([await step.probe(), await step.perform(), await step.probe(), banned(fake)]).toEqual(['alive', { kind: 'done' }, 'dead', [node]]);
  expect(await step.perform()).toEqual({ kind: 'already' });
  expect([await step.undo(), fake.agents.has(node), await step.probe()]).toEqual([{ kind: 'done' }, false, 'unknown']);
  expect([await step.undo(), fake.faults]).toEqual([{ kind: 'already' }, []]);
});

test('a ban of somebody else\'s is not lifted, and an agent that came back is not evicted', async () => {
  const { fake, step } = await start();
  fake.agents.get(node)!.banned = true;
  expect([await step.perform(), await step.undo(), banned(fake)]).toEqual([{ kind: 'already' }, { kind: 'failed', reason: 'nothing_noted' }, [node]]);
  fake.agents.get(node)!.banned = false;
  expect(await step.perform()).toEqual({ kind: 'done' });
  fake.agents.set(node, { attestation_type: 'join_token', banned: false, can_reattest: false });
  expect([await step.undo(), fake.agents.has(node)]).toEqual([{ kind: 'already' }, true]);
  expect(fake.seen).not.toContain('DeleteAgent');
});

test('an agent that the server does not know may attest at any time: nothing is done by banning it', async () => {
  const { fake, step } = await start();
  fake.agents.delete(node);
  expect([await step.probe(), await step.perform(), step.former]).toEqual(['unknown', { kind: 'failed', reason: 'unknown_agent' }, undefined]);
});

test('not to be allowed to ask is no proof', async () => {
  const { fake, step } = await start();
  fake.refusing.set('GetAgent', { code: status.PERMISSION_DENIED });
  expect([await step.probe(), await step.perform()]).toEqual(['unknown', { kind: 'failed', reason: 'grpc_permission_denied' }]);
  fake.refusing.clear();
  fake.refusing.set('BanAgent', { code: status.UNAVAILABLE, retryMs: 2_000 });
  expect([await step.perform(), banned(fake)]).toEqual([{ kind: 'retry', reason: 'grpc_unavailable', afterMs: 2_000 }, []]);
});

test('only an agent is banned: one that is named, or whose own id it is', async () => {
  const fake = await startSpire();
  const id = `spiffe://${domain}${node}`;
  const fits = (identityId: string, named?: string): string | null => {
    const section = { call: 'agent', ...(named === undefined ? {} : { identities: { [identityId]: named } }) };
    return openAt(fake, section).fits(targetOf({ ...stolen, identityId }), 'revoke');
  };
  expect([fits(stolen.identityId!), fits(stolen.identityId!, id), fits(`${issuer}|${id}`)]).toEqual(['not_listed', null, null]);
  expect([fits(stolen.identityId!, 'spiffe://prod.example/ns/jobs/sa/export'), fits(stolen.identityId!, 'node-1')]).toEqual(['not_listed', 'no_public_id']);
});
