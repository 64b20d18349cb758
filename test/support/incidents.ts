import { detectors } from '../../detectors/index.ts';
import { stageOf } from '../../detectors/stages.ts';
import { Gatherings, type Gathering, type Surroundings } from '../../src/engine/gatherings.ts';
import type { DetectorFacts, IncidentState } from '../../src/engine/incident.ts';
import { Incidents } from '../../src/engine/incidents.ts';
import { EntityMap } from '../../src/state/entities.ts';

const nothingKnown: Surroundings = { vendorOf: () => null, issuerOf: () => null };
const evidenceOf = (id: string) => detectors.find((detector) => detector.id === id)?.restsOn ?? null;
const facts: DetectorFacts = { evidenceOf, stageOf: (id) => stageOf(id, evidenceOf(id)) };

/** Everything that incidents remember. */
export function tablesInMemory() {
  return {
    incidents: new EntityMap<IncidentState>('incident'), links: new EntityMap<string>('incident-link'),
    gatherings: new EntityMap<Gathering>('gathering'), moves: new EntityMap<string[]>('gathering-move'),
  };
}

/** Incidents over tables in memory, with what is known of the real detectors. */
export function incidentsInMemory(surroundings = nothingKnown, tables = tablesInMemory()): Incidents {
  return new Incidents(tables.incidents, tables.links, new Gatherings(tables.gatherings, tables.moves, surroundings), facts);
}
