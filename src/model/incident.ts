/**
 * What the alerts of one incident are together. Of several that hold, the one named last here is told.
 * `single`: no more than its alerts. `chain`: several stages of one intrusion. `estate-change`: many moved to a declared or proven place and
 * left their old ones. `campaign`: several identities at one new place that hides who is there. `vendor-compromise`: credentials that one
 * third party holds deviate alike.
 */
export const incidentKinds = ['single', 'chain', 'estate-change', 'campaign', 'vendor-compromise'] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/**
 * What an intruder is at. `leak`: the credential got out. `use`: somebody else uses it. `discovery`: looks around and tries doors. `mint`:
 * makes, forges or reads further credentials. `evasion`: blinds those who watch. `egress`: takes data away. `impact`: destroys, or spends
 * others' money. `persistence`: goes on after something was done about it.
 */
export const stages = ['leak', 'use', 'discovery', 'mint', 'evasion', 'egress', 'impact', 'persistence'] as const;
export type Stage = (typeof stages)[number];

/** The first alert of one stage. */
export interface StageReached {
  readonly stage: Stage;
  /** When that alert's first deviating event was complete. */
  readonly timeMs: number;
  readonly alertId: string;
  readonly detector: string;
  readonly identityId: string;
}

/** What an incident's alerts tell together. */
export interface IncidentStory {
  readonly kind: IncidentKind;
  /** The vendor, or the place, that its identities share; `null` where they share none. */
  readonly name: string | null;
  /** 21 to 99: of its highest alert, or what the kind itself is worth. */
  readonly severity: number;
  /** In the order of time, each stage once. */
  readonly stages: readonly StageReached[];
}

/** Of incidents that are no more than their alerts. */
export const plainStory: IncidentStory = { kind: 'single', name: null, severity: 0, stages: [] };
