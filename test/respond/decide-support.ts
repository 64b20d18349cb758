import type { RespondSettings, Rule, TellSettings } from '../../src/config/policy.ts';
import type { NeverRevoke } from '../../src/config/policy-schema.ts';
import type { Alert, Incident } from '../../src/model/alert.ts';
import type { Evidence } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Dependent } from '../../src/model/intent.ts';
import type { Token } from '../../src/model/token.ts';
import { makePolicy, type Policy } from '../../src/respond/policy.ts';
import type { Knowledge, Situation } from '../../src/respond/port.ts';

export const dayMs = 24 * 3_600_000;
export const theftMs = Date.UTC(2026, 5, 1, 2, 14);
export const thiefNetwork = '198.51.100.0/24';

export function tokenOf(fingerprint: string, more: Partial<Token> = {}): Token {
  return {
    fingerprint, kind: 'jwt', handle: `jti-${fingerprint}`, issuer: 'https://as.example', identityId: 'sub-1', parent: null, issuedAtMs: null, issueSeen: false,
    expiresAtMs: null, revokedAtMs: null, firstSeenMs: 0, lastUsedMs: theftMs, upstream: false, ...more,
  };
}

export function alertOf(more: Partial<Alert> = {}, first: Partial<TokenEvent> = {}): Alert {
  return {
    id: 'a1', version: 1, status: 'open', detector: 'egress-spike', severity: 99, riskScore: 99, surpriseBits: 40, confidence: 1, reason: 'Much left.',
    baseline: {}, observed: {}, startMs: theftMs, endMs: theftMs + 60_000, createdMs: theftMs, count: 3, bytesOut: 9, evidenceFirst: [], evidenceLast: [], late: false,
    incidentId: 'i1', mergedInto: null, tokens: ['t1'], handles: [], networks: [thiefNetwork], resources: [], provenMs: theftMs + 60_000, announced: [],
    first: { ...emptyEvent('test', theftMs), token: 't1', identityId: 'sub-1', identityName: 'calculator', identityKind: 'client', userId: 'calculator', ...first },
    ...more,
  };
}

export function userOf(name: string, network: string | null, more: Partial<Dependent> = {}): Dependent {
  return {
    workloadId: null, name, networks: network === null ? [] : [network], resources: [], callsPerDay: 10, firstSeenMs: theftMs - 90 * dayMs, lastSeenMs: theftMs,
    suspect: network === thiefNetwork, ...more,
  };
}

export const thief = userOf('curl', thiefNetwork, { firstSeenMs: theftMs });

export function situationOf(alert = alertOf(), evidence: readonly Evidence[] = ['volume', 'origin']): Situation {
  const { incidentId: id, startMs, endMs, riskScore, id: alertId, tokens } = alert;
  const incident: Incident = { id, version: 1, startMs, endMs, riskScore, alertIds: [alertId], identityIds: [], tokens: [...tokens], mergedInto: null };
  return { alert, incident, evidence: new Set(evidence), isCertain: false };
}

export function knowing(dependents: readonly Dependent[], tokens: readonly Token[] = [tokenOf('t1')], more: Partial<Knowledge> = {}): Knowledge {
  return {
    token: (fingerprint) => tokens.find((token) => token.fingerprint === fingerprint) ?? null, dependents: () => [...dependents],
    identityUsers: () => [...dependents], entry: () => null, successor: () => null, newUsers: () => [], lineage: (fingerprint) => fingerprint,
    minted: (fingerprint) => tokens.filter(({ parent }) => parent === fingerprint).map((token) => token.fingerprint), ...more,
  };
}

export function ruleOf(more: Partial<Omit<Rule, 'match'>> & { readonly match?: Partial<Rule['match']> } = {}): Rule {
  const { match, ...rest } = more;
  return {
    name: 'stolen', mode: 'enforce',
    plan: [{ do: 'pin', by: 'gateways' }, { do: 'deny', by: 'gateways' }, { do: 'revoke', by: 'issuer' }, { do: 'notify', by: 'holder' }],
    match: { severity: null, detectors: null, tokenKinds: null, identityKinds: null, identities: null, ...match }, ...rest,
  };
}

export function policyOf(rules: readonly Rule[] = [ruleOf()], { neverRevoke = [], maxDependents = 1, actions = [], tell = null }: {
  readonly neverRevoke?: readonly NeverRevoke[]; readonly maxDependents?: number; readonly actions?: RespondSettings['actions']; readonly tell?: TellSettings | null;
} = {}): Policy {
  return makePolicy(rules, {
    actions, tell, freeze: [], neverRevoke, maxDependents, caps: { perMinute: 10, perHour: 50, perDay: 20, shareOfTokens: 0.005 }, killSwitchFile: null,
    maxEvidenceAgeMs: 900_000, sealTokens: null, auditCheckpoints: null,
  });
}
