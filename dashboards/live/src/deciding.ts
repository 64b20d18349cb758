import type { IntentView } from '../../../src/server/api/shapes.ts';
import { api } from './api.ts';
import { ask } from './dialog.tsx';
import { attempt, detail, loadDetail } from './state.ts';
import { plain } from './words.ts';

export type Decision = 'approve' | 'reject' | 'undo';

export const kindWords = { pin: 'Pin the token', deny: 'Deny the token at the gateway', revoke: 'Revoke the token', notify: 'Tell' } as const;

/** Whose token it is, ids that no log can forge first. */
function targetWords({ target }: IntentView): string {
  const { identityName, identityId, handle, token } = target;
  return `${handle ?? token} of ${plain(identityName ?? identityId ?? 'nobody known')}`;
}

/** Says what would happen before it does. */
export async function decide(intent: IntentView, what: Decision): Promise<void> {
  const facts = intent.actionFacts;
  const others = intent.dependents.filter(({ suspect }) => !suspect);
  const answer = await ask({
    title: { approve: `${kindWords[intent.kind]}?`, reject: 'Reject this step?', undo: 'Take this step back?' }[what],
    text: `It concerns ${targetWords(intent)}.`,
    facts: what === 'reject' ? [] : [
      ...(facts === null ? [] : [facts.effect, `Takes effect: ${sentence(facts.delay)}`]),
      ...(facts === null ? [] : [facts.undo === null ? 'It cannot be taken back.' : `Taken back: ${sentence(facts.undo)}`]),
      ...(what === 'approve' ? [whoElse(others.map(({ name }) => plain(name)))] : []),
    ],
    confirm: { approve: 'Approve', reject: 'Reject', undo: 'Take back' }[what], isDangerous: what === 'approve',
  });
  if (answer === null) return;
  await attempt(() => (what === 'approve' ? api.approve(intent.id, intent.digest) : api.decide(intent.id, what)));
  await loadDetail();
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function whoElse(names: readonly string[]): string {
  return names.length === 0 ? 'Nobody else was seen using the token.' : `Also used by: ${names.join(', ')}.`;
}

export async function decideFirst(what: 'approve' | 'reject'): Promise<void> {
  const first = detail.value?.intents.find(({ can }) => can[what]);
  if (first !== undefined) await decide(first, what);
}

export async function acknowledge(): Promise<void> {
  const alert = detail.value?.summary;
  if (alert?.status !== 'open') return;
  await attempt(() => api.acknowledge(alert.id));
  await loadDetail();
}

export async function close(as: 'benign' | 'false_alarm' | 'theft'): Promise<void> {
  const alert = detail.value?.summary;
  if (alert === undefined) return;
  const effect = as === 'theft' ? 'What deviated is dropped and never learned as normal.' : 'What deviated is learned as normal from now on.';
  const answer = await ask({
    title: { benign: 'Close as benign?', false_alarm: 'Close as a false alarm?', theft: 'Close as theft?' }[as],
    text: effect, confirm: 'Close', isDangerous: as !== 'theft',
  });
  if (answer === null) return;
  await attempt(() => api.close(alert.id, as));
  await loadDetail();
}
