import { detectors } from '../../detectors/index.ts';
import { stageOf } from '../../detectors/stages.ts';
import { Gatherings, type Surroundings } from '../../src/engine/gatherings.ts';
import type { DetectorFacts } from '../../src/engine/incident.ts';
import { Incidents } from '../../src/engine/incidents.ts';
import { EntityMap } from '../../src/state/entities.ts';

const nothingKnown: Surroundings = { vendorOf: () => null, issuerOf: () => null };
const evidenceOf = (id: string) => detectors.find((detector) => detector.id === id)?.restsOn ?? null;
const facts: DetectorFacts = { evidenceOf, stageOf: (id) => stageOf(id, evidenceOf(id)) };

/** Incidents over tables in memory, with what is known of the real detectors. */
export function incidentsInMemory(surroundings = nothingKnown): Incidents {
  const gatherings = new Gatherings(new EntityMap('gathering'), new EntityMap('gathering-move'), surroundings);
  return new Incidents(new EntityMap('incident'), new EntityMap('incident-link'), gatherings, facts);
}
