import { frozenBy, type Freeze } from '../config/freeze.ts';
import type { Caps, Rule } from '../config/policy.ts';
import { isHarmless, type Intent } from '../model/intent.ts';
import type { ResponseStore } from '../store/port.ts';
import type { Enforcement } from './enforcement.ts';

const minuteMs = 60_000;
/** In so long one plan for a lineage goes by itself: what made the theft possible twice is not mended by a third call. */
const lineageMs = 60 * minuteMs;
/**
 * Of each cap, no identity gets more than this by itself: whoever has one identity, or can forge the logs of one, and burns its tokens neither uses
 * up what is kept for others nor opens the breaker.
 */
const identityShare = 0.5;

export interface ByHandParts {
  readonly responses: Pick<ResponseStore, 'sentBy'>;
  readonly enforcement: Pick<Enforcement, 'isInForce'>;
  readonly freeze: readonly Freeze[];
  readonly caps: Caps;
  /** The policy in force; it may be reloaded. */
  readonly rules: () => readonly Rule[];
}

/** Why what could go by itself waits for a person, in a fixed word; `null`: it need not. Telling somebody goes on in a freeze. */
export function whyByHand(intent: Intent, nowMs: number, { responses, enforcement, freeze, caps, rules }: ByHandParts): string | null {
  const rule = rules().find(({ name }) => name === intent.rule);
  if (rule === undefined || !enforcement.isInForce(rule.name)) return 'enforcement_unconfirmed';
  if (isUsedUp(rule, nowMs, responses)) return 'rule_over_cap';
  if (isHarmless(intent.kind)) return null;
  if (frozenBy(freeze, nowMs) !== null) return 'frozen';
  if (isShareUsedUp(intent, nowMs, caps, responses)) return 'identity_over_share';
  const { lineage, planId } = intent;
  return lineage !== undefined && responses.sentBy({ lineage, besidesPlan: planId, isAutomatic: true }, nowMs - lineageMs) > 0 ? 'lineage_again' : null;
}

function isShareUsedUp({ target }: Intent, nowMs: number, { perMinute, perHour, perDay }: Caps, responses: ByHandParts['responses']): boolean {
  const spans = [[perMinute, minuteMs], [perHour, 60 * minuteMs], [perDay, 24 * 60 * minuteMs]] as const;
  return spans.some(([cap, spanMs]) => {
    const sent = responses.sentBy({ identity: target.identityId, isAutomatic: true }, nowMs - spanMs);
    return sent >= Math.max(1, Math.ceil(cap * identityShare));
  });
}

function isUsedUp({ name, caps }: Rule, nowMs: number, responses: ByHandParts['responses']): boolean {
  if (caps === undefined) return false;
  const spans = [[caps.perMinute, minuteMs], [caps.perHour, 60 * minuteMs], [caps.perDay, 24 * 60 * minuteMs]] as const;
  return spans.some(([cap, spanMs]) => cap !== undefined && responses.sentBy({ rule: name }, nowMs - spanMs) >= cap);
}
