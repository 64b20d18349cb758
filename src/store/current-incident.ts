import type { Incident } from '../model/alert.ts';
import type { EffectsStore } from './port.ts';

/** Incidents are joined in twos, so a chain of them is short. */
const maxMerges = 64;

/** Its own id and those of the incidents that were joined to it: alerts and intents keep the one that they began in. */
export function idsOf({ id, formerIds = [] }: Pick<Incident, 'id' | 'formerIds'>): string[] {
  return [id, ...formerIds];
}

/** The incident that this one is part of by now, itself where it was joined to none; `null` where there is none. */
export function currentIncident(effects: Pick<EffectsStore, 'incident'>, id: string): Incident | null {
  let incident = effects.incident(id);
  for (let hops = 0; incident?.mergedInto && hops < maxMerges; hops++) incident = effects.incident(incident.mergedInto) ?? incident;
  return incident;
}
