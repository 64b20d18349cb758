import type { Intent } from '../model/intent.ts';
import { stableId } from '../state/stable-id.ts';
import { currentIncident, idsOf } from '../store/current-incident.ts';
import type { EffectsStore } from '../store/port.ts';
import { digestOf } from './approvals.ts';
import type { DeskRefusal } from './desk-refusal.ts';

/** More than that nobody has looked at. */
const maxCovered = 1_000;

/** Steps that one word lets go on, and what that word is for. */
export interface Covered {
  readonly intents: readonly Intent[];
  /** SHA-256 over all that is agreed to, in base64url, shortened to 128 bits: it changes with any of the steps. */
  readonly seen: string;
}

/** What waits for a person in an incident of a breached third party, whatever credentials it is about. Any other incident is refused. */
export function coveredBy(effects: Pick<EffectsStore, 'incident' | 'responses'>, incidentId: string): Covered | DeskRefusal {
  const incident = currentIncident(effects, incidentId);
  if (incident === null) return 'unknown_incident';
  if (incident.story?.kind !== 'vendor-compromise') return 'no_vendor';
  const intents = idsOf(incident).flatMap((id) => effects.responses.intents({ states: ['waiting_approval', 'stale'], incidentId: id }))
    .filter(({ undoing, refused }) => !undoing && refused === null).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (intents.length === 0 || intents.length > maxCovered) return 'not_waiting';
  const digests = JSON.stringify(intents.map((intent) => [intent.id, digestOf(intent)]));
  return { intents, seen: stableId(digests) };
}
