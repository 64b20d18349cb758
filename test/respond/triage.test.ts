import { expect, test } from 'vitest';
import type { Alert } from '../../src/model/alert.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { Ledger } from '../../src/respond/ledger.ts';
import { maxClaims, maxNotes, Triage } from '../../src/respond/triage.ts';
import { alertOf, batchOf, incidentOf, opened } from '../store/support.ts';

const hourMs = 3_600_000;

function desk(...alerts: Alert[]) {
  const { effects } = opened(null);
  effects.commit(batchOf({ alerts, incidents: [{ ...incidentOf('i1', 1), alertIds: alerts.map(({ id }) => id) }] }));
  const ledger = new Ledger({ effects, now: () => 5_000, onNotes: () => undefined, onCommands: () => undefined });
  const triage = new Triage({ ledger, mayHide: (detector) => detector !== 'sure' });
  const commands = () => effects.responses.pendingCommands().map((number) => effects.responses.command(number));
  const notes = () => [...effects.responses.audit()].map(({ kind, actor, subject, detail }) => [kind, actor, subject, detail]);
  return { triage, commands, notes };
}

const named = (id: string, part: Partial<Alert> = {}): Alert =>
  alertOf(id, 1, { first: { ...emptyEvent('ecs', 1000), identityId: 'shop' }, networks: ['203.0.113.0/24'], ...part });

test('a note and an owner are commands of the engine, and stand in the audit', () => {
  const { triage, commands, notes } = desk(named('a'));
  expect([triage.note('a', ' Asked the owner. ', 'ann'), triage.assign('a', 'ann', 'ann')]).toEqual([{ ok: true }, { ok: true }]);
  expect(commands()).toEqual([
    { kind: 'note', alertId: 'a', note: { atMs: 5_000, by: 'ann', text: 'Asked the owner.' } }, { kind: 'assign', alertId: 'a', owner: 'ann' },
  ]);
  expect(notes()).toEqual([['alert.note', 'ann', 'a', { text: 'Asked the owner.' }], ['alert.assign', 'ann', 'a', { owner: 'ann' }]]);
});

test('"it was me" is evidence with name and time; each person says it once, and ten at most', () => {
  const { triage, commands, notes } = desk(named('a'), named('said', { claims: [{ atMs: 1, by: 'oli', text: 'I was.' }] }),
    named('full', { claims: Array.from({ length: maxClaims }, (_, place) => ({ atMs: 1, by: `p${place}`, text: 'x' })) }));
  expect(triage.claim('a', ' The audit of May. ', 'oli')).toEqual({ ok: true });
  expect(commands()).toEqual([{ kind: 'claim', alertId: 'a', note: { atMs: 5_000, by: 'oli', text: 'The audit of May.' } }]);
  expect(notes()).toEqual([['alert.claim', 'oli', 'a', { text: 'The audit of May.' }]]);
  const answers = [triage.claim('said', 'x', 'oli'), triage.claim('full', 'x', 'oli'), triage.claim('a', ' ', 'oli'), triage.claim('none', 'x', 'oli')];
  expect(answers.map((answer) => !answer.ok && answer.reason)).toEqual(['already_claimed', 'too_many_claims', 'bad_request', 'unknown_alert']);
});

test('quiet is one identity, one detector and the alert\'s networks, for some hours', () => {
  const { triage, commands } = desk(named('a'));
  expect(triage.quiet('a', 3, 'known job', 'ann')).toEqual({ ok: true });
  expect(commands()).toEqual([{ kind: 'quiet', alertId: 'a', exception: {
    name: 'quiet-a', kind: 'legacy', match: { identity: 'shop' }, detectors: ['egress-spike'], networks: ['203.0.113.0/24'],
    reason: 'known job', author: 'ann', approver: '', fromMs: 5_000, untilMs: 5_000 + 3 * hourMs,
  } }]);
});

test('what one person may not hide', () => {
  const { triage, commands } = desk(
    named('critical', { severity: 99 }), named('sure', { detector: 'sure' }), named('nowhere', { networks: [] }), named('closed', { status: 'closed' }),
    alertOf('nobody', 1, { networks: ['203.0.113.0/24'] }), named('a'),
  );
  const answers = ['critical', 'sure', 'nowhere', 'nobody', 'closed', 'unknown'].map((id) => triage.quiet(id, 1, 'x', 'ann'));
  expect(answers.map((answer) => !answer.ok && answer.reason)).toEqual([...Array.from({ length: 4 }, () => 'never_hidden'), 'already_closed', 'unknown_alert']);
  for (const [hours, reason, account] of [[25, 'x', 'ann'], [-1, 'x', 'ann'], [NaN, 'x', 'ann'], [1, ' ', 'ann'], [1, 'x', ' ']] as const) {
    expect(triage.quiet('a', hours, reason, account)).toEqual({ ok: false, reason: 'bad_request' });
  }
  expect(commands()).toEqual([]);
});

test('notes have bounds', () => {
  const full = Array.from({ length: maxNotes }, () => ({ atMs: 1, by: 'ann', text: 'x' }));
  const { triage } = desk(named('a'), named('full', { notes: full }));
  expect([triage.note('a', ' ', 'ann'), triage.note('a', 'x'.repeat(1_001), 'ann'), triage.note('full', 'x', 'ann'), triage.assign('a', ' ', 'ann')])
    .toEqual(['bad_request', 'bad_request', 'too_many_notes', 'bad_request'].map((reason) => ({ ok: false, reason })));
});

test('a lineage is what lies in the alert\'s own part of the incident, and is not closed', () => {
  const { triage } = desk(named('a'), named('b'), named('closed', { status: 'closed' }), named('other', { incidentId: 'i2' }));
  expect([triage.lineage('a'), triage.lineage('unknown')]).toEqual([['a', 'b'], []]);
});
