import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Alert } from '../../src/model/alert.ts';
import { digestOf } from '../../src/respond/approvals.ts';
import { alertOf, incidentOf, opened } from '../store/support.ts';
import { minuteMs, proposalOf, Rig, type RigOptions } from './support.ts';

let rig: Rig;

function begin(options: RigOptions = {}): void {
  rig = new Rig(opened(null), options);
  rig.start();
}

beforeEach(() => {
  begin();
  onTestFinished(() => rig.stop());
});

const refused = (reason: string) => ({ ok: false, reason });
const done = { ok: true };

/** Proposes for approval and lets it be admitted. */
async function waiting(token = 'a', change: Parameters<typeof proposalOf>[1] = {}): Promise<void> {
  rig.propose(proposalOf(token, { mode: 'approve', ...change }));
  await rig.timing.pass(1_500);
}

describe('approving', () => {
  test('lets it go on, once', async () => {
    await waiting();
    expect(rig.desk.approve('a-0', 'ann')).toEqual(done);
    expect(rig.desk.approve('a-0', 'bob')).toEqual(refused('not_waiting'));
    await rig.timing.pass(2_000);
    expect(rig.stands('a-0')).toBe('verified: probed');
    expect(rig.notes('a-0')).toEqual([
      'intent.waiting_approval', 'intent.approved', 'intent.refused_to', 'intent.sending', 'intent.accepted', 'intent.verified',
    ]);
  });

  test('is for what the account has seen', async () => {
    await waiting();
    const seen = digestOf(rig.intent('a-0'));
    rig.propose(proposalOf('a', { mode: 'approve', keepNetworks: ['203.0.113.0/24'] }));
    expect(rig.desk.approve('a-0', 'ann', seen)).toEqual(refused('changed'));
    expect(rig.desk.approve('a-0', 'ann', digestOf(rig.intent('a-0')))).toEqual(done);
  });

  test('holds for 15 minutes, and for nothing else', async () => {
    await waiting();
    rig.killSwitch.set('test', 'wait', 0);
    rig.desk.approve('a-0', 'ann');
    await rig.timing.pass(16 * minuteMs);
    rig.killSwitch.clear();
    await rig.timing.pass(2_000);
    expect(rig.stands('a-0')).toBe('waiting_approval: approval_void');
    rig.killSwitch.set('test', 'wait', 0);
    rig.desk.approve('a-0', 'ann');
    rig.propose(proposalOf('a', { mode: 'approve', refused: null, target: { ...proposalOf('a').target, handle: 'another' } }));
    rig.killSwitch.clear();
    await rig.timing.pass(2_000);
    expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['waiting_approval: approval_void', 0]);
  });

  test('newer evidence of the same voids no approval', async () => {
    await waiting();
    rig.killSwitch.set('test', 'wait', 0);
    rig.desk.approve('a-0', 'ann');
    rig.propose(proposalOf('a', { mode: 'approve', severity: 99, provenMs: rig.timing.now() }));
    rig.killSwitch.clear();
    await rig.timing.pass(3_000);
    expect(rig.stands('a-0')).toBe('verified: probed');
  });

  test('of what breaks others meanwhile is none', async () => {
    await waiting();
    rig.propose(proposalOf('a', { mode: 'approve', refused: 'would_break_others' }));
    rig.desk.approve('a-0', 'ann');
    await rig.timing.pass(2_000);
    expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['proposed: would_break_others', 0]);
  });

  test('whatever people say in whatever order, nothing goes without enough different people who did not change it', async () => {
    const word = fc.record({
      who: fc.constantFrom('ann', 'bob', 'cyd'), what: fc.constantFrom('approve', 'approve', 'reject', 'undo', 'late', 'change'),
    });
    await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 8 }), fc.integer({ min: 1, max: 2 }), async (words, needed) => {
      begin();
      await waiting('a');
      rig.store.effects.transact(() => ({ intents: [{ ...rig.intent('a-0'), version: 50, approvalsNeeded: needed, changedBy: ['cyd'] }] }));
      const standing = new Map<string, number>();
      let isOver = false;
      let mayGo = false;
      for (const { who, what } of words) {
        if (isOver || mayGo) break;
        if (what === 'late') rig.timing.nowMs += 16 * minuteMs;
        if (what === 'change') rig.propose(proposalOf('a', { mode: 'approve', keepNetworks: [String(rig.timing.nowMs += 1)] }));
        if (what === 'late' || what === 'change') standing.clear();
        if (what === 'reject') isOver = rig.desk.reject('a-0', who).ok;
        if (what === 'undo') expect(rig.desk.undo('a-0', who).ok).toBe(false);
        if (what !== 'approve') continue;
        const isNews = who !== 'cyd' && !standing.has(who);
        expect(rig.desk.approve('a-0', who).ok).toBe(isNews);
        if (isNews) standing.set(who, rig.timing.nowMs);
        mayGo = standing.size >= needed;
      }
      await rig.timing.pass(2_000);
      expect(rig.provider.calls.length).toBe(mayGo && !isOver ? 1 : 0);
      await rig.stop();
      await rig.store.close();
    }), { numRuns: 40 });
  }, 30_000);
});

test('rejected, it is over; fresh evidence does not bring it back', async () => {
  await waiting();
  expect(rig.desk.reject('a-0', 'ann')).toEqual(done);
  rig.propose(proposalOf('a', { mode: 'enforce', severity: 99, provenMs: rig.timing.now() }));
  await rig.timing.pass(2_000);
  expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['rejected: rejected', 0]);
});

describe('undoing', () => {
  beforeEach(async () => {
    rig.propose(proposalOf('a'));
    await rig.timing.pass(2_000);
  });

  test('is proposed by one and confirmed by another', async () => {
    expect(rig.desk.undo('a-0', 'ann')).toEqual(done);
    expect(rig.desk.undo('a-0', 'ann')).toEqual(refused('own_proposal'));
    expect(rig.desk.approve('a-0', 'ann')).toEqual(refused('own_proposal'));
    await rig.timing.pass(2_000);
    expect([rig.stands('a-0'), rig.provider.dead.has('a')]).toEqual(['waiting_approval: undo_proposed', true]);
    expect(rig.desk.undo('a-0', 'bob')).toEqual(done);
    await rig.timing.pass(2_000);
    expect([rig.stands('a-0'), rig.provider.dead.has('a')]).toEqual(['undone: alive_again', false]);
    expect(rig.notes('a-0').slice(-5)).toEqual(['intent.refused_to', 'intent.refused_to', 'intent.approved', 'intent.sending', 'intent.undone']);
  });

  const undone = async (id = 'a-0', waitMs = 2_000): Promise<void> => {
    rig.desk.undo(id, 'ann');
    rig.desk.approve(id, 'bob');
    await rig.timing.pass(waitMs);
  };

  test('calls somebody where the token works again and its alert stands, however that was closed', async () => {
    rig.store.effects.transact(() => ({ alerts: [{ ...alertOf('alert', 1), status: 'closed', closedAs: 'theft' }] }));
    await undone();
    expect([rig.stands('a-0'), rig.pages()]).toEqual(['undone: alive_again', ['revived']]);
  });

  test('calls nobody where the alert was none, nor where the token stays dead', async () => {
    rig.store.effects.transact(() => ({ alerts: [{ ...alertOf('alert', 1), status: 'closed', closedAs: 'false_alarm' }] }));
    await undone();
    expect([rig.stands('a-0'), rig.pages()]).toEqual(['undone: alive_again', []]);
    rig.propose(proposalOf('b'));
    await rig.timing.pass(2_000);
    rig.provider.lies = true;
    await undone('b-0');
    expect([rig.stands('b-0'), rig.provider.dead.has('b'), rig.pages()]).toEqual(['undone: done', true, []]);
  });

  test('turned down, what was done stays', async () => {
    rig.desk.undo('a-0', 'ann');
    expect(rig.desk.reject('a-0', 'bob')).toEqual(done);
    await rig.timing.pass(2_000);
    expect([rig.stands('a-0'), rig.provider.calls.length]).toEqual(['verified: undo_rejected', 1]);
  });

  test('is tried again under the same id, and is not held up by caps', async () => {
    rig.provider.script = [{ kind: 'retry', reason: 'busy' }];
    rig.store.effects.setMeta('respond.breaker.other', '1');
    await undone('a-0', 5_000);
    expect(rig.stands('a-0')).toBe('undone: alive_again');
    expect(rig.provider.calls.map(({ id, undo }) => [id, undo])).toEqual([['a-0', false], ['a-0', true], ['a-0', true]]);
  });

  test('where nothing was done, there is nothing to undo', async () => {
    await waiting('b');
    expect(rig.desk.undo('b-0', 'ann')).toEqual(refused('nothing_to_undo'));
    expect(rig.desk.undo('nobody', 'ann')).toEqual(refused('unknown_intent'));
  });
});

describe('closing an alert', () => {
  const alert = (id: string, tokens: string[]): Alert => ({ ...alertOf(id, 1), incidentId: 'incident', tokens });

  beforeEach(async () => {
    const { effects } = rig.store;
    effects.transact(() => ({
      alerts: [alert('alert', ['a', 'b']), alert('other', ['b'])], incidents: [{ ...incidentOf('incident', 1), alertIds: ['alert', 'other'] }],
    }));
    rig.propose(proposalOf('a'), proposalOf('b'));
    await rig.timing.pass(2_000);
    await waiting('a', { id: 'later', step: 3 });
  });

  test('as benign proposes to take back what was done because of it alone, which another person confirms', async () => {
    expect(rig.desk.close('alert', 'benign', 'ann')).toEqual(done);
    await rig.timing.pass(2_000);
    expect([rig.stands('a-0'), rig.stands('b-0'), rig.stands('later')]).toEqual(['waiting_approval: undo_proposed', 'verified: probed', 'rejected: alert_closed']);
    expect(rig.desk.approve('a-0', 'ann')).toEqual(refused('own_proposal'));
    expect(rig.desk.approve('a-0', 'bob')).toEqual(done);
    await rig.timing.pass(2_000);
    expect(rig.stands('a-0')).toBe('undone: alive_again');
  });

  test('what every alert of it was closed as benign for is proposed to be taken back, also before the engine has closed them', () => {
    rig.desk.close('alert', 'benign', 'ann');
    expect([rig.desk.close('alert', 'theft', 'bob'), rig.stands('b-0')]).toEqual([refused('already_closed'), 'verified: probed']);
    rig.desk.close('other', 'benign', 'ann');
    expect(rig.stands('b-0')).toBe('waiting_approval: undo_proposed');
  });

  test('as theft leaves everything as it is', () => {
    expect(rig.desk.close('alert', 'theft', 'ann')).toEqual(done);
    expect([rig.stands('a-0'), rig.stands('later')]).toEqual(['verified: probed', 'waiting_approval: needs_approval']);
  });

  test('puts a command for the engine and notes who closed it', () => {
    rig.desk.acknowledge('alert', 'bob');
    rig.desk.close('alert', 'theft', 'ann');
    const { responses } = rig.store.effects;
    const commands = responses.pendingCommands().map((number) => responses.command(number)).filter((command) => command?.kind !== 'amend' && command?.kind !== 'own-call');
    expect(commands).toEqual([{ kind: 'acknowledge', alertId: 'alert' }, { kind: 'close', alertId: 'alert', as: 'theft' }]);
    expect(rig.notes('alert')).toEqual(['alert.acknowledge', 'alert.close']);
    expect(rig.desk.close('nobody', 'theft', 'ann')).toEqual(refused('unknown_alert'));
    expect(rig.desk.close('other', 'theft', '')).toEqual(refused('bad_request'));
  });

  test('is taken back by opening it again: what was stopped by it waits again', async () => {
    expect(rig.desk.reopen('alert', 'bob')).toEqual(refused('not_closed'));
    rig.desk.close('alert', 'benign', 'ann');
    expect(rig.stands('later')).toBe('rejected: alert_closed');
    // The engine takes the command.
    rig.store.effects.transact(() => ({ alerts: [{ ...alert('alert', ['a', 'b']), status: 'closed', version: 9 }] }));
    expect([rig.desk.reopen('alert', 'bob'), rig.desk.reopen('alert', 'bob'), rig.desk.reopen('nobody', 'bob')])
      .toEqual([done, refused('not_closed'), refused('unknown_alert')]);
    await rig.timing.pass(2_000);
    expect(rig.stands('later')).toBe('waiting_approval: needs_approval');
    expect(rig.notes('alert')).toEqual(['alert.close', 'alert.reopen']);
  });

  test('the documents that tell of an intent are amended when its state changes, each once until the engine has taken it', async () => {
    const { responses } = rig.store.effects;
    const amended = responses.pendingCommands().map((number) => responses.command(number)).flatMap((command) => (command?.kind === 'amend' ? [command.alertId] : []));
    expect(amended.toSorted((a, b) => a.localeCompare(b))).toEqual(['alert', 'other']);
  });
});
