import type { RespondSettings, Rule } from '../config/policy.ts';
import type { Alert, Incident } from '../model/alert.ts';
import type { Evidence } from '../model/detector.ts';
import type { Exception } from '../model/exception.ts';
import type { Proposal } from '../model/intent.ts';
import { decide } from './decide.ts';
import { makePolicy, type Policy } from './policy.ts';
import type { Knowledge } from './port.ts';

/** Decides under the policy that holds; it may be changed between two events. */
export class Decisions {
  policy: Policy;
  readonly #respond: RespondSettings;
  readonly #knowledge: Knowledge;
  readonly #restsOn: (detector: string) => Evidence | null;

  /** `restsOn` tells what a detector's findings rest on; `null` for one that this version does not have. */
  constructor(
    { policy, respond, exceptions }: { readonly policy: readonly Rule[]; readonly respond: RespondSettings; readonly exceptions: readonly Exception[] },
    knowledge: Knowledge, restsOn: (detector: string) => Evidence | null,
  ) {
    this.policy = makePolicy(policy, respond, exceptions);
    this.#respond = respond;
    this.#knowledge = knowledge;
    this.#restsOn = restsOn;
  }

  get hasPolicy(): boolean {
    return this.policy.rules.length > 0;
  }

  /** From here on these rules hold, this is never acted upon, and that is hidden. */
  change({ policy, neverRevoke, exceptions }: {
    readonly policy: readonly Rule[]; readonly neverRevoke: RespondSettings['neverRevoke']; readonly exceptions: readonly Exception[];
  }): void {
    this.policy = makePolicy(policy, { ...this.#respond, neverRevoke }, exceptions);
  }

  /** `detectors`: those whose alerts are in the incident. */
  decide(alert: Alert, incident: Incident, detectors: readonly string[]): readonly Proposal[] {
    if (!this.hasPolicy) return [];
    const evidence = new Set(detectors.map(this.#restsOn).filter((kind) => kind !== null));
    return decide({ alert, incident, evidence }, this.#knowledge, this.policy);
  }
}
