import type { Configuration } from '../config/configuration.ts';
import type { RespondSettings, Rule } from '../config/policy.ts';
import type { NeverRevoke as Entry } from '../config/policy-schema.ts';
import type { DetectionRule } from '../config/rule-files.ts';
import type { Alert, Incident } from '../model/alert.ts';
import type { Evidence } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Exception } from '../model/exception.ts';
import type { Intent, Proposal } from '../model/intent.ts';
import type { OwnName } from '../model/own-use.ts';
import { blastRadius } from './blast-radius.ts';
import { decide, pinBy, usersCutOff } from './decide.ts';
import { entriesOf, ownCredentials } from './own-credentials.ts';
import { movedBy, type Moved } from './rotation.ts';
import { makePolicy, type Policy } from './policy.ts';
import type { Knowledge, Situation } from './port.ts';

/** What decisions ask of detectors. */
export interface DetectorFacts {
  /** What its findings rest on; `null` for one that this version does not have. */
  evidenceOf(detector: string): Evidence | null;
  /** Its findings need no second kind of evidence. */
  sufficesAlone(detector: string): boolean;
}

export interface DecisionSettings extends Pick<Configuration, 'kafka' | 'sinks'> {
  readonly policy: readonly Rule[];
  readonly respond: RespondSettings;
  readonly exceptions: readonly Exception[];
  /** The operator's own rules. */
  readonly rules: readonly DetectionRule[];
}

/** Decides under the policy that holds; it may be changed between two events. */
export class Decisions {
  policy: Policy;
  readonly #settings: Pick<DecisionSettings, 'respond' | 'rules'>;
  /** As the configuration has it now. */
  #given: Pick<DecisionSettings, 'policy' | 'exceptions'> & Pick<RespondSettings, 'neverRevoke'>;
  readonly #listed: readonly Entry[];
  #learned: readonly Entry[] = [];
  readonly #knowledge: Knowledge;
  readonly #facts: DetectorFacts;

  constructor(settings: DecisionSettings, knowledge: Knowledge, facts: DetectorFacts) {
    const { policy, respond, exceptions, rules } = settings;
    this.#listed = ownCredentials(settings);
    this.#given = { policy, exceptions, neverRevoke: respond.neverRevoke };
    this.policy = makePolicy(policy, respond, exceptions, rules, this.#listed);
    this.#settings = { respond, rules };
    this.#knowledge = knowledge;
    this.#facts = facts;
  }

  get hasPolicy(): boolean {
    return this.policy.rules.length > 0;
  }

  /** From here on these rules hold, this is never acted upon, and that is hidden. */
  change({ policy, neverRevoke, exceptions }: {
    readonly policy: readonly Rule[]; readonly neverRevoke: RespondSettings['neverRevoke']; readonly exceptions: readonly Exception[];
  }): void {
    this.#given = { policy, neverRevoke, exceptions };
    this.#renew();
  }

  /** From here on credentials of these names are ours as well: in place of those that were learned before. */
  learn(names: readonly Pick<OwnName, 'name' | 'issuer'>[]): void {
    this.#learned = entriesOf(names);
    this.#renew();
  }

  #renew(): void {
    const { respond, rules } = this.#settings;
    const { policy, neverRevoke, exceptions } = this.#given;
    this.policy = makePolicy(policy, { ...respond, neverRevoke }, exceptions, rules, [...this.#listed, ...this.#learned]);
  }

  /** `detectors`: those whose alerts are in the incident. */
  decide(alert: Alert, incident: Incident, detectors: readonly string[]): readonly Proposal[] {
    return this.hasPolicy ? decide(this.situation(alert, incident, detectors), this.#knowledge, this.policy) : [];
  }

  /** Would the step, by what is known now, cut off more others than the policy lets it? Where nobody can tell, it would. */
  wouldBreak({ kind, target, action }: Pick<Proposal, 'kind' | 'target' | 'action'>, alert: Alert | null): boolean {
    const users = alert === null ? null : usersCutOff(target, action, alert, this.#knowledge, this.policy);
    if (alert === null || users === null) return true;
    if (kind === 'rotate') return false;
    const radius = blastRadius(alert, users);
    if (kind === 'pin') return pinBy(target, action, alert, radius, this.#knowledge, this.policy).why !== null;
    return radius.broken.length > this.policy.maxDependents;
  }

  /** Is it one of those that this service reads, writes and acts with? */
  isOwn({ tokenHandle: handle, tokenIssuer: issuer, identityId, identityName, userId, userName }: TokenEvent): boolean {
    const client = userId ?? userName;
    return this.policy.own.protects({
      handle, issuer, identityId, identityName, userId, client, token: '', tokenKind: 'none', sha256: null, expiresAtMs: null,
    });
  }

  /** Who has not moved to the new credential of a rotation. */
  moved(intent: Intent, alert: Alert): Moved {
    return movedBy(intent, alert, this.#knowledge);
  }

  situation(alert: Alert, incident: Incident, detectors: readonly string[]): Situation {
    const evidence = new Set(detectors.map((id) => this.#facts.evidenceOf(id)).filter((kind) => kind !== null));
    return { alert, incident, evidence, isCertain: detectors.some((id) => this.#facts.sufficesAlone(id)) };
  }
}
