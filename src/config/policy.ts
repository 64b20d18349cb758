import type { IdentityKind, TokenKind } from '../model/event.ts';
import type { IncidentKind } from '../model/incident.ts';
import type { IntentMode, StepKind } from '../model/intent.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import { makeFreeze, type Freeze } from './freeze.ts';
import { defaultCaps, severities, type NeverRevoke } from './policy-schema.ts';
import type { ActionSection, SealSection } from './respond-schema.ts';
import type { RawConfiguration } from './schema.ts';
import { durationMs } from './units.ts';

/** What a rule asks of an alert and of a token of it: everything that is not `null` must hold. */
export interface RuleMatch {
  /** At least this severe. */
  readonly severity: number | null;
  readonly detectors: readonly string[] | null;
  readonly tokenKinds: readonly TokenKind[] | null;
  readonly identityKinds: readonly IdentityKind[] | null;
  readonly identities: readonly string[] | null;
  /** At least this risk score of the incident. */
  readonly incidentScore?: number;
  readonly incidentKinds?: readonly IncidentKind[];
  /** Of the token's line in the inventory, one of these. */
  readonly labels?: readonly string[];
  readonly environments?: readonly string[];
  readonly criticality?: readonly NonNullable<InventoryEntry['criticality']>[];
  /** At most so many others would be cut off. */
  readonly maxBroken?: number;
}

/**
 * `tell`: a notification by whichever action `respond.tell` finds. `of`: done to what was issued from the token, instead of to itself. `mode`: less than
 * the rule's.
 */
export interface PlannedStep { readonly do: StepKind | 'tell'; readonly by: string; readonly of?: 'minted'; readonly mode?: IntentMode }

/** One rule of the policy. */
export interface Rule {
  readonly name: string;
  readonly match: RuleMatch;
  /** In order; empty: nothing is proposed. */
  readonly plan: readonly PlannedStep[];
  readonly mode: IntentMode;
  /** Steps against the credential itself, once the thief is given further tokens. */
  readonly onRemint?: readonly PlannedStep[];
  /** Of this rule alone, besides the general ones. */
  readonly caps?: RuleCaps;
}

/** Calls begun; absent: no limit of its own. */
export interface RuleCaps { readonly perMinute?: number; readonly perHour?: number; readonly perDay?: number }

/** Name of who is to be told -> action that tells. */
export interface TellSettings {
  readonly owners: Readonly<Record<string, string>>;
  readonly teams: Readonly<Record<string, string>>;
  readonly environments: Readonly<Record<string, string>>;
  readonly otherwise: string;
}

export interface Caps {
  readonly perMinute: number;
  readonly perHour: number;
  readonly perDay: number;
  /** Of the tokens used in the last 30 days, 0 to 1. In a day the larger of this and `perDay` holds. */
  readonly shareOfTokens: number;
}

/** As written: the service makes actions of it. */
export interface RespondSettings {
  readonly actions: readonly ActionSection[];
  readonly caps: Caps;
  /** Every key of an entry must be equal. */
  readonly neverRevoke: readonly NeverRevoke[];
  readonly killSwitchFile: string | null;
  readonly maxEvidenceAgeMs: number;
  /** Other observed users of a token that a denial or revocation may break. */
  readonly maxDependents: number;
  /** When nothing goes by itself. */
  readonly freeze: readonly Freeze[];
  readonly tell: TellSettings | null;
  /** `null`: no token is kept. */
  readonly sealTokens: NonNullable<SealSection> | null;
  /** `null`: the audit chain is not signed. */
  readonly auditCheckpoints: { readonly keyFile: string; readonly file: string } | null;
}

export function makeRule({ name, match, plan, mode, on_remint: onRemint, caps }: RawConfiguration['policy'][number]): Rule {
  return {
    name, plan: plan.map(makeStep), mode, match: makeMatch(match),
    ...onRemint === undefined ? {} : { onRemint: onRemint.map(makeStep) }, ...caps === undefined ? {} : { caps: makeRuleCaps(caps) },
  };
}

function makeMatch(match: RawConfiguration['policy'][number]['match']): RuleMatch {
  const { incident_score: incidentScore, incident_kinds: incidentKinds, labels, environments, criticality, max_broken: maxBroken } = match;
  return {
    severity: match.severity === undefined ? null : severities[match.severity], detectors: match.detectors ?? null,
    tokenKinds: match.token_kinds ?? null, identityKinds: match.identity_kinds ?? null, identities: match.identities ?? null,
    ...given({ incidentScore, incidentKinds, labels, environments, criticality, maxBroken }),
  };
}

function makeStep({ do: kind, by, of, mode }: RawConfiguration['policy'][number]['plan'][number]): PlannedStep {
  return { do: kind, by: by ?? '', ...given({ of, mode }) };
}

function makeRuleCaps({ per_minute: perMinute, per_hour: perHour, per_day: perDay }: NonNullable<RawConfiguration['policy'][number]['caps']>): RuleCaps {
  return given({ perMinute, perHour, perDay });
}

/** Without what was left out: a policy's hash is that of what it says. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

export function makeRespond(raw: RawConfiguration['respond']): RespondSettings {
  const caps = raw.caps ?? defaultCaps;
  const checkpoints = raw.audit_checkpoints;
  return {
    actions: raw.actions, neverRevoke: raw.never_revoke, killSwitchFile: raw.kill_switch_file ?? null,
    caps: { perMinute: caps.per_minute, perHour: caps.per_hour, perDay: caps.per_day, shareOfTokens: caps.share_of_tokens },
    maxEvidenceAgeMs: durationMs(raw.max_evidence_age) as number, maxDependents: raw.max_dependents, sealTokens: raw.seal_tokens ?? null,
    freeze: raw.freeze.map(makeFreeze), tell: raw.tell ?? null,
    auditCheckpoints: checkpoints === undefined ? null : { keyFile: checkpoints.signing_key_file, file: checkpoints.file },
  };
}
