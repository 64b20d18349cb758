import { expect, test } from 'vitest';
import { noHandover, type Handover, type Intent } from '../../src/model/intent.ts';
import type { Action, Verdict } from '../../src/respond/port.ts';
import type { Moved } from '../../src/respond/rotation.ts';
import { opened } from '../store/support.ts';
import { ManualTiming, minuteMs, Provider, proposalOf, Rig, type RigOptions } from './support.ts';

const id = 'key-0';

/** A provider with one owner's credentials and a store, in memory. */
class Rotating {
  readonly provider = new Provider();
  made: string[] = [];
  stored: string | null = null;
  undone = 0;
  readonly patienceMs: number;

  constructor(patienceMs: number) {
    this.patienceMs = patienceMs;
  }
  script: Verdict[] = [];

  action(timing: ManualTiming): Action {
    const base = this.provider.action('rotation', timing, { kinds: ['rotate'] });
    return {
      ...base,
      undo: async () => {
        this.undone++;
        [this.made, this.stored] = [[], 'old'];
        return { kind: 'done' };
      },
      rotation: {
        patienceMs: this.patienceMs,
        handOver: async (_intent: Intent, note: (change: Partial<Handover>) => Handover) => {
          const told = this.script.shift();
          if (told !== undefined) return told;
          note({ before: { ids: ['old'], atMs: timing.now() } });
          this.made.push(`new-${this.made.length}`);
          note({ made: this.made.at(-1)! });
          this.stored = this.made.at(-1)!;
          return { kind: 'done' };
        },
      },
    };
  }
}

function start(change: Parameters<typeof proposalOf>[1] = {}, options: RigOptions = {}, patienceMs = 3 * minuteMs): { rig: Rig; rotating: Rotating; moved: { now: Moved } } {
  const timing = new ManualTiming();
  const rotating = new Rotating(patienceMs);
  const moved = { now: { waitingFor: ['api', 'batch'], suspects: [] } as Moved };
  const rig = new Rig(opened(null), { actions: [rotating.action(timing), rotating.provider.action('provider', timing)], moved: () => moved.now, ...options }, timing);
  rig.propose(proposalOf('key', { kind: 'rotate', action: 'rotation', ...change }));
  rig.start();
  return { rig, rotating, moved };
}

test('it waits until everybody was seen on the new one, then cuts the old, and is proven by the probe', async () => {
  const { rig, rotating, moved } = start({}, {}, 5 * minuteMs);
  await rig.timing.pass(minuteMs);
  expect([rig.stands(id), rotating.stored, rotating.provider.calls.length]).toEqual(['accepted: handing_over', 'new-0', 0]);
  expect(rig.intent(id).handover).toMatchObject({ phase: 'waiting', made: 'new-0', waitingFor: ['api', 'batch'] });
  moved.now = { waitingFor: ['batch'], suspects: [] };
  await rig.timing.pass(2 * minuteMs);
  expect([rig.stands(id), rig.intent(id).handover?.waitingFor]).toEqual(['accepted: handing_over', ['batch']]);
  moved.now = { waitingFor: [], suspects: [] };
  await rig.timing.pass(minuteMs);
  expect([rig.stands(id), rotating.provider.calls.length, rotating.made.length]).toEqual(['verified: probed', 1, 1]);
  expect(rig.notes(id)).toEqual([
    'intent.ready', 'intent.sending', 'intent.handover', 'intent.handover', 'intent.accepted', 'intent.accepted', 'intent.accepted', 'intent.ready',
    'intent.sending', 'intent.accepted', 'intent.verified',
  ]);
});

test('who does not move is named once the patience is over, and nothing is cut unless a person says so', async () => {
  const { rig, rotating, moved } = start();
  moved.now = { waitingFor: ['batch'], suspects: [] };
  await rig.timing.pass(2 * minuteMs);
  expect(rig.pages()).toEqual([]);
  await rig.timing.pass(2 * minuteMs);
  expect([rig.stands(id), rig.pages(), rotating.provider.calls.length]).toEqual(['waiting_approval: not_moved', ['not_moved'], 0]);
  await rig.timing.pass(2 * minuteMs);
  expect([rig.stands(id), rig.pages()]).toEqual(['waiting_approval: not_moved', ['not_moved']]);
  expect(rig.desk.approve(id, 'rosa')).toEqual({ ok: true });
  await rig.timing.pass(minuteMs);
  expect([rig.stands(id), rotating.provider.calls.length]).toEqual(['verified: probed', 1]);
});

test('who moves late after all lets it go on by itself', async () => {
  const { rig, moved } = start();
  await rig.timing.pass(220 * minuteMs);
  expect(rig.stands(id)).toBe('waiting_approval: not_moved');
  moved.now = { waitingFor: [], suspects: [] };
  await rig.timing.pass(minuteMs);
  expect(rig.stands(id)).toBe('verified: probed');
});

test('a word for other names than are left now does not count', async () => {
  const { rig, rotating, moved } = start();
  await rig.timing.pass(220 * minuteMs);
  const seen = rig.intent(id);
  moved.now = { waitingFor: ['api', 'batch', 'nightly'], suspects: [] };
  await rig.timing.pass(minuteMs);
  expect(rig.intent(id).handover?.waitingFor).not.toEqual(seen.handover?.waitingFor);
  const { digestOf } = await import('../../src/respond/approvals.ts');
  expect(rig.desk.approve(id, 'rosa', digestOf(seen))).toEqual({ ok: false, reason: 'changed' });
  await rig.timing.pass(minuteMs);
  expect(rotating.provider.calls.length).toBe(0);
});

test('the thief on the new one: somebody is called at once, and nothing is cut by itself', async () => {
  const { rig, rotating, moved } = start();
  moved.now = { waitingFor: [], suspects: ['curl from 203.0.113.0/24'] };
  await rig.timing.pass(minuteMs);
  expect([rig.stands(id), rig.pages(), rotating.provider.calls.length]).toEqual(['waiting_approval: thief_has_new', ['thief_has_new'], 0]);
  moved.now = { waitingFor: ['api'], suspects: ['curl from 203.0.113.0/24'] };
  await rig.timing.pass(2 * minuteMs);
  expect([rig.stands(id), rig.pages()]).toEqual(['waiting_approval: thief_has_new', ['thief_has_new']]);
});

test('taken back while users move, or while a person is waited for; not once it was cut', async () => {
  for (const minutes of [1, 4]) {
    const { rig, rotating } = start();
    await rig.timing.pass(minutes * minuteMs);
    expect([rig.desk.undo(id, 'rosa'), rig.desk.undo(id, 'sam')]).toEqual([{ ok: true }, { ok: true }]);
    await rig.timing.pass(minuteMs);
    expect([rig.intent(id).state, rotating.undone, rotating.stored, rotating.provider.calls.length, rig.pages().includes('revived')]).toEqual(['undone', 1, 'old', 0, false]);
    expect(rig.desk.undo(id, 'rosa')).toEqual({ ok: false, reason: 'nothing_to_undo' });
  }
  const { rig, moved } = start();
  moved.now = { waitingFor: [], suspects: [] };
  await rig.timing.pass(minuteMs);
  expect([rig.intent(id).state, rig.desk.undo(id, 'rosa')]).toEqual(['verified', { ok: false, reason: 'cannot_be_undone' }]);
});

test('rejected, both live on, and it can still be taken back', async () => {
  const { rig, rotating } = start();
  await rig.timing.pass(220 * minuteMs);
  expect(rig.desk.reject(id, 'rosa')).toEqual({ ok: true });
  await rig.timing.pass(2 * minuteMs);
  expect([rig.stands(id), rotating.provider.calls.length]).toEqual(['rejected: rejected', 0]);
  expect([rig.desk.undo(id, 'rosa'), rig.desk.undo(id, 'sam')]).toEqual([{ ok: true }, { ok: true }]);
  await rig.timing.pass(minuteMs);
  expect([rig.intent(id).state, rotating.undone]).toEqual(['undone', 1]);
});

test('the kill switch stops the cut as well, and what was made waits', async () => {
  const { rig, rotating, moved } = start();
  await rig.timing.pass(minuteMs);
  rig.desk.killSwitch(true, 'exercise', 'rosa');
  moved.now = { waitingFor: [], suspects: [] };
  await rig.timing.pass(2 * minuteMs);
  expect([rig.intent(id).state, rotating.provider.calls.length]).toEqual(['accepted', 0]);
  rig.desk.killSwitch(false, 'over', 'rosa');
  await rig.timing.pass(minuteMs);
  expect(rig.stands(id)).toBe('verified: probed');
});

test('later steps that cut somebody off wait for it, telling somebody does not', async () => {
  const { rig, rotating, moved } = start();
  const plan = { planId: 'plan-key' };
  rig.propose(proposalOf('key', { ...plan, step: 1, kind: 'notify' }), proposalOf('key', { ...plan, step: 2, kind: 'revoke' }));
  await rig.timing.pass(2 * minuteMs);
  expect([rig.intent('key-1').state, rig.intent('key-2').state]).toEqual(['verified', 'ready']);
  expect(rotating.provider.calls.map(({ id: one }) => one)).toEqual(['key-1']);
  moved.now = { waitingFor: [], suspects: [] };
  await rig.timing.pass(2 * minuteMs);
  expect([rig.intent(id).state, rig.intent('key-1').state, rig.intent('key-2').state]).toEqual(['verified', 'verified', 'accepted']);
});

test('in mode approve one word lets it begin, and it ends as agreed hours later', async () => {
  const { rig, moved } = start({ mode: 'approve' }, {}, 30 * minuteMs);
  await rig.timing.pass(minuteMs);
  expect(rig.stands(id)).toBe('waiting_approval: needs_approval');
  rig.desk.approve(id, 'rosa');
  await rig.timing.pass(16 * minuteMs);
  expect(rig.stands(id)).toBe('accepted: handing_over');
  moved.now = { waitingFor: [], suspects: [] };
  await rig.timing.pass(minuteMs);
  expect(rig.stands(id)).toBe('verified: probed');
});

test('what fails for good before anything was made is told, and newer proof changes nothing under a hand-over', async () => {
  const { rig, rotating } = start();
  rotating.script = [{ kind: 'failed', reason: 'no_room_beside' }];
  await rig.timing.pass(minuteMs);
  expect([rig.stands(id), rig.pages()]).toEqual(['failed: no_room_beside', ['action_failed']]);
  const other = start();
  await other.rig.timing.pass(minuteMs);
  other.rig.propose(proposalOf('key', { kind: 'rotate', action: 'rotation', provenMs: other.rig.timing.now(), mode: 'observe', refused: 'nobody_to_hand_over' }));
  await other.rig.timing.pass(minuteMs);
  expect([other.rig.intent(id).mode, other.rig.intent(id).refused, other.rig.stands(id)]).toEqual(['enforce', null, 'accepted: handing_over']);
  expect(other.rig.intent(id).handover).not.toEqual(noHandover);
});
