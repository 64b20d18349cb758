import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { IncidentKind } from '../../src/model/incident.ts';
import { batchOf, incidentOf, opened } from '../store/support.ts';
import { proposalOf, Rig } from './support.ts';

let rig: Rig;

/** Three credentials of one third party in two incidents that were joined, and one of somebody else. */
async function breach(kind: IncidentKind = 'vendor-compromise'): Promise<void> {
  rig = new Rig(opened(null));
  const story = { kind, name: 'shipfast', severity: 73, stages: [] };
  const incidents = [{ ...incidentOf('i1', 1), formerIds: ['i0'], story }, { ...incidentOf('i0', 1), mergedInto: 'i1' }];
  rig.store.effects.commit(batchOf({ incidents }));
  rig.propose(
    proposalOf('a', { mode: 'approve', incidentId: 'i1' }), proposalOf('b', { mode: 'approve', incidentId: 'i0' }), proposalOf('c', { mode: 'approve', incidentId: 'i1', refused: 'never_revoke' }),
    proposalOf('d', { mode: 'approve', incidentId: 'other' }),
  );
  rig.start();
  onTestFinished(() => rig.stop());
  await rig.timing.pass(1_500);
}

beforeEach(() => breach());

const seenOf = (incident = 'i1'): string => {
  const covered = rig.desk.covered(incident);
  return typeof covered === 'string' ? covered : covered.seen;
};

test('one word lets go on all that waits for the credentials of a breached third party, and nothing else', async () => {
  expect(rig.desk.approveAll('i0', 'ann', seenOf('i0')), 'by the name of an incident that was joined').toEqual({ ok: true });
  await rig.timing.pass(3_000);
  expect(['a-0', 'b-0', 'c-0', 'd-0'].map((id) => rig.stands(id))).toEqual(['verified: probed', 'verified: probed', 'proposed: never_revoke', 'waiting_approval: needs_approval']);
  expect(rig.notes('i0')).toEqual(['incident.approved']);
  expect(rig.notes('a-0')).toContain('intent.approved');
});

test('it is for what was seen: another step, or another target, and it is asked for again', async () => {
  const seen = seenOf();
  rig.propose(proposalOf('e', { mode: 'approve', incidentId: 'i1' }));
  await rig.timing.pass(1_500);
  expect(rig.desk.approveAll('i1', 'ann', seen)).toEqual({ ok: false, reason: 'changed' });
  expect(rig.stands('a-0')).toBe('waiting_approval: needs_approval');
  expect(rig.notes('i1')).toEqual(['incident.refused_to']);
});

test('an incident of any other kind needs a word for each step', async () => {
  await breach('campaign');
  expect([seenOf(), rig.desk.approveAll('i1', 'ann', 'x'), seenOf('none')]).toEqual(['no_vendor', { ok: false, reason: 'no_vendor' }, 'unknown_incident']);
});

test('what one has agreed to already, one does not agree to again', async () => {
  rig.killSwitch.set('test', 'wait', 0);
  rig.desk.approveAll('i1', 'ann', seenOf());
  expect(seenOf(), 'nothing waits any more').toBe('not_waiting');
});
