import type { DetectionRule } from '../config/rule-files.ts';
import type { Detector, Evidence } from '../model/detector.ts';
import { ruleDetector } from './rule.ts';

/** All that may find something in this configuration: the detectors, then the operator's rules. */
export interface Catalogue {
  readonly all: readonly Detector[];
  /** Never fails: alerts outlive the rule that raised them. */
  readonly of: (id: string) => Detector;
  /** What its findings rest on; `null` for what is configured no more. */
  readonly evidenceOf: (id: string) => Evidence | null;
  /** Its findings need no second kind of evidence. */
  readonly sufficesAlone: (id: string) => boolean;
}

/** Rules must have been checked. Two calls share nothing that an evaluation could change. */
export function catalogueOf(detectors: readonly Detector[], rules: readonly DetectionRule[]): Catalogue {
  const all = [...detectors, ...rules.map(ruleDetector)];
  const byId = new Map(all.map((detector) => [detector.id, detector]));
  return {
    all, of: (id) => byId.get(id) ?? forgotten(id), evidenceOf: (id) => byId.get(id)?.restsOn ?? null,
    sufficesAlone: (id) => byId.get(id)?.sufficesAlone ?? false,
  };
}

/** Stands for a rule that the configuration has no more: it finds nothing, and its alerts can still be told. */
function forgotten(id: string): Detector {
  const title = `${id}, which is configured no more`;
  return {
    id, title, alertTitle: title, state: {}, parameters: {}, attack: [], owaspNhi: [], cases: [], restsOn: 'workload',
    grace: 'Never.', blindSpots: [], acceptance: 'None.', wants: () => false, observe: () => null,
  };
}
