import type { IdentityKind, TokenKind } from '../model/event.ts';
import type { IntentMode, StepKind } from '../model/intent.ts';
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
}

export interface PlannedStep { readonly do: StepKind; readonly by: string }

/** One rule of the policy. */
export interface Rule {
  readonly name: string;
  readonly match: RuleMatch;
  /** In order; empty: nothing is proposed. */
  readonly plan: readonly PlannedStep[];
  readonly mode: IntentMode;
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
  /** `null`: no token is kept. */
  readonly sealTokens: NonNullable<SealSection> | null;
}

export function makeRule({ name, match, plan, mode }: RawConfiguration['policy'][number]): Rule {
  return {
    name, plan, mode,
    match: {
      severity: match.severity === undefined ? null : severities[match.severity], detectors: match.detectors ?? null,
      tokenKinds: match.token_kinds ?? null, identityKinds: match.identity_kinds ?? null, identities: match.identities ?? null,
    },
  };
}

export function makeRespond(raw: RawConfiguration['respond']): RespondSettings {
  const caps = raw.caps ?? defaultCaps;
  return {
    actions: raw.actions, neverRevoke: raw.never_revoke, killSwitchFile: raw.kill_switch_file ?? null,
    caps: { perMinute: caps.per_minute, perHour: caps.per_hour, perDay: caps.per_day, shareOfTokens: caps.share_of_tokens },
    maxEvidenceAgeMs: durationMs(raw.max_evidence_age) as number, maxDependents: raw.max_dependents, sealTokens: raw.seal_tokens ?? null,
  };
}
