import type { IntentView } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { detail, reloadShown } from './detail-state.ts';
import { ask } from './dialog.tsx';
import { attempt, mayDecide } from './state.ts';
import { attemptFresh } from './step-up.ts';
import { plain } from './words.ts';

export type Decision = 'approve' | 'reject' | 'undo';

export const kindWords = {
  pin: 'Pin the token', deny: 'Deny the token at the gateway', rotate: 'Give its users a new one, then end it', revoke: 'Revoke the token', notify: 'Tell',
  watch: 'Watch whether it goes on',
} as const;

/** Whose token it is, ids that no log can forge first. */
function targetWords({ target }: IntentView): string {
  const { identityName, identityId, handle, token } = target;
  const name = identityName ?? identityId;
  return `${plain(handle ?? token)}${name === null ? ', of nobody known' : `, which the logs call “${plain(name)}”`}`;
}

/** Says what would happen before it does. */
export async function decide(intent: IntentView, what: Decision): Promise<void> {
  const title = intent.undoing ? { approve: 'Take this step back?', reject: 'Keep what was done?', undo: 'Take this step back?' }
    : { approve: `${kindWords[intent.kind]}?`, reject: 'Reject this step?', undo: 'Propose to take this step back?' };
  const answer = await ask({
    title: title[what], text: `${kindWords[intent.kind]}: ${targetWords(intent)}.`, facts: factsOf(intent, what),
    confirm: { approve: 'Approve', reject: intent.undoing ? 'Keep it' : 'Reject', undo: intent.undoing ? 'Take back' : 'Propose' }[what],
    isDangerous: what !== 'reject',
  });
  if (answer === null) return;
  const send = () => (what === 'approve' ? api.approve(intent.id, intent.digest) : api.decide(intent.id, what));
  await attemptFresh(send, { what, intentId: intent.id });
  await reloadShown();
}

function factsOf({ actionFacts: facts, dependents, undoing, handover }: IntentView, what: Decision): string[] {
  const names = dependents.filter(({ suspect }) => !suspect).map(({ name }) => plain(name));
  const undo = facts === null ? [] : [facts.undo === null ? 'It cannot be taken back.' : `Taken back: ${sentence(facts.undo)}`];
  if (what === 'reject') return [];
  if (what === 'undo') return [...undo, undoing ? 'It happens as soon as you confirm.' : 'Somebody else must confirm it.'];
  if (handover?.phase === 'waiting') return cutFacts(handover);
  const users = names.length === 0 ? 'Nobody else was seen using the token.' : `Also used by: ${names.join(', ')}.`;
  return [...(facts === null ? [] : [sentence(facts.effect), `Takes effect: ${sentence(facts.delay)}`]), ...undo, users];
}

/** What a word for cutting the old credential means now. */
function cutFacts({ waitingFor, suspects }: NonNullable<IntentView['handover']>): string[] {
  return [
    'The old credential ends, which cannot be taken back.',
    ...(waitingFor.length === 0 ? [] : [`Cut off, because they were not seen on the new one: ${waitingFor.map(plain).join(', ')}.`]),
    ...(suspects.length === 0 ? [] : [`Suspects have the new one: ${suspects.map(plain).join(', ')}.`]),
  ];
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

export async function decideFirst(what: 'approve' | 'reject'): Promise<void> {
  const first = mayDecide() ? detail.value?.intents.find(({ can, undoing }) => can[what] && !undoing) : undefined;
  if (first !== undefined) await decide(first, what);
}

export async function acknowledge(): Promise<void> {
  const alert = detail.value?.summary;
  if (alert?.status !== 'open') return;
  await attempt(() => api.acknowledge(alert.id));
  await reloadShown();
}

/** Every alert of its identity or lineage. */
export async function acknowledgeLineage(): Promise<void> {
  const alert = detail.value?.summary;
  if (alert === undefined) return;
  await attempt(() => api.acknowledgeLineage(alert.id));
  await reloadShown();
}

export async function reopen(): Promise<void> {
  const alert = detail.value?.summary;
  if (alert?.status !== 'closed') return;
  const text = 'What was learned or dropped when it was closed is taken back.';
  const answer = await ask({ title: 'Open it again?', text, confirm: 'Open again', isDangerous: false });
  if (answer === null) return;
  await attempt(() => api.reopen(alert.id));
  await reloadShown();
}

/** `isLineage`: every alert of its identity or lineage. */
export async function close(as: 'benign' | 'false_alarm' | 'theft', isLineage = false): Promise<void> {
  const alert = detail.value?.summary;
  if (alert === undefined) return;
  const effect = as === 'theft' ? 'What deviated is dropped and never learned as normal.' : 'What deviated is learned as normal from now on.';
  const answer = await ask({
    title: `${isLineage ? 'Close all of this lineage' : 'Close'} as ${{ benign: 'benign', false_alarm: 'a false alarm', theft: 'theft' }[as]}?`,
    text: effect, input: 'Why (kept as a note)', isOptional: true, confirm: 'Close', isDangerous: as !== 'theft',
  });
  if (answer === null) return;
  await attempt(() => api.close(alert.id, as, answer, isLineage));
  await reloadShown();
}
