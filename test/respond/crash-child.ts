/**
 * One life of the executor: proposes an intent, takes on all that it finds, and ends with 0 once every intent is done. Before that it
 * confirms the undoing of what was to be undone. Kills itself at the n-th pass of a named point. Arguments: folder, URL of the receiver,
 * token to propose for, or `undo`, point.
 */
import { join } from 'node:path';
import type { Intent } from '../../src/model/intent.ts';
import type { Timing } from '../../src/outbound/timing.ts';
import { AuditHead } from '../../src/respond/audit-head.ts';
import { Desk } from '../../src/respond/desk.ts';
import { Enforcement } from '../../src/respond/enforcement.ts';
import { Executor } from '../../src/respond/executor.ts';
import { KillSwitch } from '../../src/respond/kill-switch.ts';
import { Ledger } from '../../src/respond/ledger.ts';
import { NeverRevoke } from '../../src/respond/never-revoke.ts';
import type { Action, Liveness, Verdict } from '../../src/respond/port.ts';
import { World } from '../../src/respond/world.ts';
import { openStore } from '../../src/store/open.ts';
import type { EffectsBatch } from '../../src/store/port.ts';
import { proposalOf } from './support.ts';

const [dir = '', url = '', what = '', point = ''] = process.argv.slice(2);

function pass(name: string): void {
  if (name === point) process.kill(process.pid, 'SIGKILL');
}

const timing: Timing = {
  now: () => Date.now(), random: Math.random,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

async function tell(intent: Intent, act: 'revoke' | 'restore'): Promise<Verdict> {
  pass(`before the call (${act})`);
  const request = fetch(`${url}/${act}`, { method: 'POST', headers: { 'webhook-id': `${intent.id}:${act}` }, body: intent.target.token });
  if (point === `during the call (${act})`) setTimeout(() => pass(point), 3);
  const answer = await request;
  pass(`after the answer (${act})`);
  return answer.ok ? { kind: 'done' } : { kind: 'retry', reason: 'server_error' };
}

const action: Action = {
  name: 'provider', type: 'test', kinds: ['revoke'], fits: () => null,
  facts: { effect: 'ends it', delay: 'none', undo: 'brings it back', rights: 'none', exposureMs: 3_600_000 },
  perform: (intent) => tell(intent, 'revoke'), undo: (intent) => tell(intent, 'restore'),
  async probe({ target }): Promise<Liveness> {
    const answer = await (await fetch(`${url}/probe?token=${target.token}`)).text() as Liveness;
    pass(`asked: ${answer}`);
    return answer;
  },
};

const store = openStore(dir);
const { effects } = store;
const transact = effects.transact.bind(effects);
effects.transact = (work) => {
  let written: string[] = [];
  transact(() => {
    const batch: Partial<EffectsBatch> | null = work();
    written = (batch?.intents ?? []).map(({ state, undoing }) => `${state}${undoing ? ' (undo)' : ''}`);
    for (const state of written) pass(`before ${state} is written`);
    return batch;
  });
  for (const state of written) pass(`${state} is written`);
};

const killSwitch = new KillSwitch(join(dir, 'kill-switch'));
const protection = new NeverRevoke([]);
const world = new World({
  effects, killSwitch, neverRevoke: protection, policyHash: 'policy', whyByHand: () => null, moved: () => ({ waitingFor: [], suspects: [] }), wouldBreak: () => false,
  maxEvidenceAgeMs: 3_600_000, actions: new Map([['provider', action]]),
  caps: { perMinute: 1e3, perHour: 1e3, perDay: 1e3, shareOfTokens: 0 }, isKnown: () => true, usedSince: () => 0,
});
const head = new AuditHead(dir, effects, timing, () => { throw new Error('the head cannot be written'); });
const onNotes = (): void => {
  head.changed();
  executor.wake();
};
const ledger = new Ledger({ effects, now: () => timing.now(), onNotes, onCommands: () => undefined });
const executor: Executor = new Executor({ ledger, world, timing, report: () => undefined, isWhole: () => true });
const enforcement = new Enforcement({ effects, rules: () => [], limits: { caps: { perMinute: 1, perHour: 1, perDay: 1, shareOfTokens: 0 }, maxDependents: 1 } });
const desk = new Desk({ ledger, world, killSwitch, enforcement });

if (what !== 'undo') effects.transact(() => ({ proposals: [proposalOf(what, { provenMs: timing.now() })] }));
const running = executor.start();
const over = new Set(what === 'undo' ? ['undone'] : ['verified', 'undone']);
for (let isOver = false; !isOver;) {
  if (what === 'undo') {
    for (const { id, undoing } of effects.responses.intents({ states: ['verified'] })) if (!undoing) desk.undo(id, 'ann');
    for (const { id, undoing } of effects.responses.intents({ states: ['waiting_approval'] })) if (undoing) desk.approve(id, 'bob');
  }
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  isOver = effects.responses.intents().every(({ state }) => over.has(state));
}
await executor.stop(1_000);
await running;
head.write();
await store.close();
